using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Counts a queue by walking its index, so the numbers are never a sum that drifted.</summary>
internal static class StatisticsQuery
{
    private const string Count = "SELECT state, count(*) FROM message INDEXED BY line WHERE queue = ? GROUP BY state";

    public static QueueStatistics Run(Connection connection, QueueName name, long utcNow)
    {
        if (QueueTable.Find(connection, name) is not { } queue)
        {
            return new QueueStatistics(0, 0, 0, 0, OldestReady: null);
        }

        var counts = new Dictionary<Line, long>();
        using (var count = connection.Use(Count))
        {
            count.With(queue.Number);
            while (count.Step())
            {
                counts[(Line)count.Int(0)] = count.Number(1);
            }
        }

        return new QueueStatistics(
            counts.GetValueOrDefault(Line.Ready) + counts.GetValueOrDefault(Line.Suspect),
            counts.GetValueOrDefault(Line.Scheduled),
            counts.GetValueOrDefault(Line.Leased),
            counts.GetValueOrDefault(Line.DeadLettered),
            HeadOf(connection, queue, Line.Ready) ?? HeadOf(connection, queue, Line.Suspect))
        {
            IsPaused = queue.PausedUntil > utcNow,
            Damaged = DamageTable.CountIn(connection, queue),
        };
    }

    private static DateTimeOffset? HeadOf(Connection connection, QueueRow queue, Line line) =>
        MessageTable.InLine(connection, queue, line, long.MaxValue, 1) is [var head] ? head.Id.CreatedAt : null;
}
