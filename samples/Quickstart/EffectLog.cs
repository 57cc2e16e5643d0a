using System.Text;
using ReliableQueue;

namespace Quickstart;

/// <summary>What handlers did, a line each: the message and the checksum. On disk when <see cref="Append"/> returns, so it shows every effect of a killed worker.</summary>
internal sealed class EffectLog(string path) : IDisposable
{
    private readonly Lock gate = new();
    private readonly FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    public void Append(MessageId id, byte[] checksum)
    {
        lock (gate)
        {
            file.Write(Encoding.ASCII.GetBytes($"{id} {Convert.ToHexString(checksum)}\n"));
            file.Flush(flushToDisk: true);
        }
    }

    public void Dispose() => file.Dispose();

    /// <summary>Every checksum written, by message; more than one for a message that was handled more than once.</summary>
    public static ILookup<string, string> Read(string path) =>
        File.ReadLines(path).Select(line => line.Split(' ')).ToLookup(parts => parts[0], parts => parts[1]);
}
