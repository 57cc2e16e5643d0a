using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>
/// Reads what a queue file holds and says what is damaged. A message that is damaged is met at the latest when it is to be given out; here it is met before a worker starts,
/// and so are those that no worker would ever meet, because the index no longer leads to them.
/// </summary>
internal sealed class FileVerification(Connection connection, string path)
{
    // Read in about a second. In a larger file only what was met before is known; its rows are checked as they are read.
    private const long MostBytes = 64L << 20;

    private const int PageSize = 500;

    private const string Rows = "SELECT count(*) FROM message NOT INDEXED";

    public IEnumerable<BrokerFinding> Findings()
    {
        var damagedQueues = new List<string>();
        var queues = QueueTable.All(connection, damagedQueues);
        foreach (var name in damagedQueues)
        {
            yield return new BrokerFinding(
                FindingSeverity.Refusal,
                "damaged-queue",
                $"The row of queue '{name}' in queue file '{path}' fails its checksum, so nobody can say which of its leases are valid. Restore a copy of the file, or move it away with its -wal and -shm.");
        }

        var isSmall = connection.Number("PRAGMA page_count") * connection.Number("PRAGMA page_size") <= MostBytes;
        var (damaged, inLine) = isSmall ? ReadAll(queues) : (queues.Sum(queue => DamageTable.CountIn(connection, queue)), 0);
        if (damaged > 0)
        {
            yield return new BrokerFinding(
                FindingSeverity.Warning,
                "damaged-messages",
                $"{damaged} messages in queue file '{path}' fail their checksum: they are kept and never given out. The disk may be failing. Restore a copy of the file, or delete them.");
        }

        if (isSmall && damagedQueues.Count == 0 && connection.Number(Rows) is var rows && rows != inLine)
        {
            yield return new BrokerFinding(
                FindingSeverity.Warning,
                "damaged-index",
                $"The index of queue file '{path}' leads to {inLine} messages, but the file holds {rows}: the others would never be given out. Stop every process that uses the file and run: sqlite3 '{path}' 'REINDEX line'");
        }
    }

    private (long Damaged, long InLine) ReadAll(List<QueueRow> queues)
    {
        var (damaged, all) = (0L, 0L);
        foreach (var queue in queues)
        {
            foreach (var line in Enum.GetValues<Line>())
            {
                var (bad, good) = ReadLine(queue, line);
                damaged += bad;
                all += bad + good;
            }
        }

        return (damaged, all);
    }

    private (long Damaged, long Good) ReadLine(QueueRow queue, Line line)
    {
        var (bad, good) = (0L, 0L);
        var last = (long.MinValue, default(MessageId));
        for (var isOver = false; !isOver;)
        {
            var damaged = new List<byte[]>();
            var rows = MessageTable.Behind(connection, queue, line, last, PageSize, damaged);
            var unreadable = rows.Count(row => EnvelopeTable.Read(connection, row) is null);
            (bad, good) = (bad + damaged.Count + unreadable, good + rows.Count - unreadable);
            isOver = rows.Count < PageSize;
            last = isOver ? last : (rows[^1].Place, rows[^1].Id);
        }

        return (bad, good);
    }
}
