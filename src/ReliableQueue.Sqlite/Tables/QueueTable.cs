using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The queues of the file, with the counters that belong to each.</summary>
internal static class QueueTable
{
    private const string Select = "SELECT number, epoch FROM queue WHERE name = ?";

    private const string Insert = "INSERT INTO queue (name, epoch, fence, line) VALUES (?, ?, 0, 0)";

    // A fence never falls below the wall clock, so that a file restored from a copy gives no fence a second time.
    private const string TakeFences = "UPDATE queue SET fence = max(fence + 1, ?) + ? - 1 WHERE number = ? RETURNING fence";

    private const string TakePlace = "UPDATE queue SET line = line + 1 WHERE number = ? RETURNING line";

    // Redelivered messages stand before those never delivered, whose place is the number of their envelope, from 1.
    private const long FirstRedelivered = -(1L << 62);

    public static QueueRow? Find(Connection connection, QueueName name)
    {
        using var select = connection.Use(Select);
        return select.With(name.Value).Step() ? new QueueRow(select.Number(0), select.Number(1)) : null;
    }

    public static QueueRow FindOrCreate(WriteContext context, QueueName name)
    {
        if (Find(context.Connection, name) is { } found)
        {
            return found;
        }

        using var insert = context.Connection.Use(Insert);
        insert.With(name.Value).With(context.File.Environment.Random.NextInt64()).Run();
        return Find(context.Connection, name) ?? throw new InvalidOperationException($"Queue '{name}' is not where it was just put.");
    }

    /// <summary>Reserves fences that were never given out; answers the first.</summary>
    public static long NextFences(WriteContext context, QueueRow queue, int count)
    {
        using var take = context.Connection.Use(TakeFences);
        take.With(context.UtcNow).With(count).With(queue.Number).Step();
        return take.Number(0) - count + 1;
    }

    /// <summary>The place behind all redelivered messages and before all others.</summary>
    public static long NextPlace(WriteContext context, QueueRow queue)
    {
        using var take = context.Connection.Use(TakePlace);
        take.With(queue.Number).Step();
        return FirstRedelivered + take.Number(0);
    }
}

/// <summary>A queue as the other tables name it, with the number drawn when it was made.</summary>
internal readonly record struct QueueRow(long Number, long Epoch);
