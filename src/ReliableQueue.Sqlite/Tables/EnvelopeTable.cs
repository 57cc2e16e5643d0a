using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The stored bytes of messages, written once and never looked into.</summary>
internal static class EnvelopeTable
{
    // Above every number in use, so that a new message stands behind all that are there.
    private const string Next = "SELECT coalesce(max(number), 0) + 1 FROM envelope";

    private const string Insert = "INSERT INTO envelope (number, bytes) VALUES (?, ?)";

    private const string Select = "SELECT bytes FROM envelope WHERE number = ?";

    private const string Delete = "DELETE FROM envelope WHERE number = ?";

    public static long NextNumber(WriteContext context) => context.Connection.Number(Next);

    public static void Add(WriteContext context, long number, ReadOnlySpan<byte> bytes)
    {
        using var insert = context.Connection.Use(Insert);
        insert.With(number).With(bytes).Run();
    }

    public static byte[] Read(Connection connection, long number)
    {
        using var select = connection.Use(Select);
        return select.With(number).Step() ? select.Bytes(0).ToArray() : [];
    }

    public static void Remove(WriteContext context, long number)
    {
        using var delete = context.Connection.Use(Delete);
        delete.With(number).Run();
    }
}
