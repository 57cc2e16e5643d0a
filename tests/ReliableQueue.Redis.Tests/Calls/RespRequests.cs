using System.Globalization;
using System.Text;

namespace ReliableQueue.Redis.Tests.Calls;

/// <summary>Cuts what a client sends into commands, each as its bytes.</summary>
internal sealed class RespRequests(Stream stream)
{
    private readonly byte[] buffer = new byte[16 * 1024];
    private readonly List<byte> command = [];
    private int at;
    private int end;

    /// <summary>Its name and its bytes; null at the end.</summary>
    public async Task<(string Name, byte[] Bytes)?> NextAsync(CancellationToken stop)
    {
        command.Clear();
        if (await LineAsync(stop) is not { } head)
        {
            return null;
        }

        if (!head.StartsWith('*'))
        {
            throw new InvalidDataException($"A client sent '{head}' where a command begins.");
        }

        var name = "";
        for (var word = 0; word < Number(head); word++)
        {
            var length = Number(await LineAsync(stop) ?? throw new EndOfStreamException());
            var from = command.Count;
            for (var i = 0; i < length + 2; i++)
            {
                command.Add(await ByteAsync(stop) ?? throw new EndOfStreamException());
            }

            name = word == 0 ? Encoding.ASCII.GetString([.. command.GetRange(from, length)]).ToUpperInvariant() : name;
        }

        return (name, [.. command]);
    }

    private async ValueTask<string?> LineAsync(CancellationToken stop)
    {
        var line = new StringBuilder();
        while (await ByteAsync(stop) is { } next)
        {
            command.Add(next);
            if (next == '\n')
            {
                return line.ToString();
            }

            _ = next == '\r' ? line : line.Append((char)next);
        }

        return null;
    }

    private async ValueTask<byte?> ByteAsync(CancellationToken stop)
    {
        if (at == end)
        {
            (at, end) = (0, await stream.ReadAsync(buffer, stop));
        }

        return end == 0 ? null : buffer[at++];
    }

    private static int Number(string line) => int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
}
