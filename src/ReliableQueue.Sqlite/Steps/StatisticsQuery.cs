using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Counts a queue by walking its index, so the numbers are never a sum that drifted.</summary>
internal static class StatisticsQuery
{
    private const string Count = "SELECT state, count(*) FROM message INDEXED BY line WHERE queue = ? GROUP BY state";

    private const string Head = "SELECT id FROM message INDEXED BY line WHERE queue = ? AND state = ? ORDER BY place LIMIT 1";

    public static QueueStatistics Run(Connection connection, QueueName name)
    {
        var counts = new long[(int)Line.DeadLettered + 1];
        if (QueueTable.Find(connection, name) is not { } queue)
        {
            return new QueueStatistics(0, 0, 0, 0, OldestReady: null);
        }

        using var count = connection.Use(Count);
        count.With(queue.Number);
        while (count.Step())
        {
            counts[count.Int(0)] = count.Number(1);
        }

        return new QueueStatistics(
            counts[(int)Line.Ready] + counts[(int)Line.Suspect],
            counts[(int)Line.Scheduled],
            counts[(int)Line.Leased],
            counts[(int)Line.DeadLettered],
            HeadOf(connection, queue, Line.Ready) ?? HeadOf(connection, queue, Line.Suspect));
    }

    private static DateTimeOffset? HeadOf(Connection connection, QueueRow queue, Line state)
    {
        using var head = connection.Use(Head);
        return head.With(queue.Number).With((int)state).Step() ? head.Id(0).CreatedAt : null;
    }
}
