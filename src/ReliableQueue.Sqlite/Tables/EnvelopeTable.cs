using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The stored bytes of messages, written once and never looked into.</summary>
internal static class EnvelopeTable
{
    // Above every number in use, so that a new message stands behind all that are there.
    private const string Next = "SELECT coalesce(max(number), 0) + 1 FROM envelope";

    private const string Insert = "INSERT INTO envelope (number, bytes, crc) VALUES (?, ?, ?)";

    private const string Select = "SELECT bytes, crc FROM envelope WHERE number = ?";

    private const string Delete = "DELETE FROM envelope WHERE number = ?";

    public static long NextNumber(Connection connection) => connection.Number(Next);

    public static void Add(Connection connection, long number, MessageId id, ReadOnlySpan<byte> bytes)
    {
        using var insert = connection.Use(Insert);
        insert.With(number).With(bytes).With(ChecksumOf(number, id, bytes)).Run();
    }

    /// <summary>The bytes of a message; null when they are not there, or are not what was stored for this message.</summary>
    public static byte[]? Read(Connection connection, MessageRow row)
    {
        using var select = connection.Use(Select);
        if (!select.With(row.Envelope).Step())
        {
            return null;
        }

        var bytes = select.Bytes(0);
        return ChecksumOf(row.Envelope, row.Id, bytes) == select.Number(1) ? bytes.ToArray() : null;
    }

    public static void Remove(Connection connection, long number)
    {
        using var delete = connection.Use(Delete);
        delete.With(number).Run();
    }

    // With the id, which no column repeats: numbers are used again, and a page that the disk brought back from the past would give a message the bytes of another.
    private static long ChecksumOf(long number, MessageId id, ReadOnlySpan<byte> bytes)
    {
        Span<byte> message = stackalloc byte[MessageId.ByteLength];
        id.WriteTo(message);
        return RowChecksum.Of("envelope", number).With(message).With(bytes).Value;
    }
}
