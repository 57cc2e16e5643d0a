using System.Globalization;
using System.Text;

namespace ReliableQueue.Redis;

/// <summary>Reads the few reply types of RESP2 from a blocking stream. Numbers and texts come as their bytes, nil as an empty item.</summary>
internal sealed class RespReader(Stream stream)
{
    // A renewal's reply is a few hundred bytes; a length beyond this is another protocol talking.
    private const int LongestItem = 1 << 20;

    private readonly byte[] buffer = new byte[4096];
    private int at;
    private int end;

    /// <summary>Reads one reply: a single item, or the items of a flat array.</summary>
    /// <exception cref="RespException">The reply is an error.</exception>
    /// <exception cref="IOException">The stream ended, timed out, or speaks something else.</exception>
    public byte[][] Read()
    {
        var line = ReadLine();
        if (line.Length == 0 || line[0] != '*')
        {
            return [ReadItem(line)];
        }

        var items = new byte[Math.Max(0, Length(line))][];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = ReadItem(ReadLine());
        }

        return items;
    }

    private byte[] ReadItem(string line)
    {
        if (line.Length == 0)
        {
            throw Foreign();
        }

        switch (line[0])
        {
            case '-':
                throw new RespException(line[1..]);
            case '+' or ':':
                return Encoding.UTF8.GetBytes(line[1..]);
            case '$':
                return ReadBytes(Length(line));
            default:
                throw Foreign();
        }
    }

    private byte[] ReadBytes(int length)
    {
        if (length < 0)
        {
            return [];
        }

        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = ReadByte();
        }

        return ReadByte() == '\r' && ReadByte() == '\n' ? bytes : throw Foreign();
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        for (var next = ReadByte(); next != '\r'; next = ReadByte())
        {
            _ = line.Length < LongestItem ? line.Append((char)next) : throw Foreign();
        }

        return ReadByte() == '\n' ? line.ToString() : throw Foreign();
    }

    private byte ReadByte()
    {
        if (at == end)
        {
            end = stream.Read(buffer, 0, buffer.Length);
            at = 0;
            if (end <= 0)
            {
                end = 0;
                throw new EndOfStreamException("The server closed the connection.");
            }
        }

        return buffer[at++];
    }

    private static int Length(string line) =>
        int.TryParse(line.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var length) && length is >= -1 and <= LongestItem
            ? length
            : throw Foreign();

    private static IOException Foreign() => new("The server does not answer in the Redis protocol.");
}
