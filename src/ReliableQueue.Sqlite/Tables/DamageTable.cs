using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>
/// The ids of messages that are kept and never given out, because what is stored of them fails its checksum. A message is filed here when it is first met, so that it is
/// reported once, and counted until somebody deletes it.
/// </summary>
internal static class DamageTable
{
    private const string Insert = "INSERT INTO damage (queue, id) VALUES (?, ?) ON CONFLICT DO NOTHING";

    private const string SelectOne = "SELECT 1 FROM damage WHERE queue = ? AND id = ?";

    private const string Count = "SELECT count(*) FROM damage WHERE queue = ?";

    private const string Delete = "DELETE FROM damage WHERE queue = ? AND id = ?";

    /// <summary>Files a message; false when it was known.</summary>
    public static bool Add(Connection connection, QueueRow queue, ReadOnlySpan<byte> id)
    {
        using var insert = connection.Use(Insert);
        return insert.With(queue.Number).With(id).Run() == 1;
    }

    public static bool IsKnown(Connection connection, QueueRow queue, ReadOnlySpan<byte> id)
    {
        using var select = connection.Use(SelectOne);
        return select.With(queue.Number).With(id).Step();
    }

    public static long CountIn(Connection connection, QueueRow queue)
    {
        using var count = connection.Use(Count);
        return count.With(queue.Number).Step() ? count.Number(0) : 0;
    }

    public static void Remove(Connection connection, QueueRow queue, MessageId id)
    {
        using var delete = connection.Use(Delete);
        delete.With(queue.Number).With(id).Run();
    }
}
