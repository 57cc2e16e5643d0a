using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>What workers said of themselves, for as long as they said it counts, by the clock of leases.</summary>
internal static class WorkerTable
{
    private const string Put = "INSERT OR REPLACE INTO worker (queue, session, name, concurrency, until, crc) VALUES (?, ?, ?, ?, ?, ?)";

    private const string SelectAll = "SELECT session, name, concurrency, until, crc FROM worker WHERE queue = ? AND until > ?";

    private const string DeleteOld = "DELETE FROM worker WHERE until <= ?";

    private const string DeleteOne = "DELETE FROM worker WHERE queue = ? AND session = ?";

    private const string DeleteAll = "DELETE FROM worker";

    public static void Set(Connection connection, QueueRow queue, WorkerRow worker)
    {
        using var put = connection.Use(Put);
        put.With(queue.Number).With(worker.Session.Value).With(worker.Name).With(worker.Concurrency).With(worker.Until).With(worker.ChecksumIn(queue)).Run();
    }

    /// <summary>Those that count at a time. One whose row fails its checksum is left out: it says so again within a minute.</summary>
    public static List<WorkerRow> Read(Connection connection, QueueRow queue, long now)
    {
        var workers = new List<WorkerRow>();
        using var select = connection.Use(SelectAll);
        select.With(queue.Number).With(now);
        while (select.Step())
        {
            var worker = new WorkerRow(new SessionId(select.Number(0)), select.Text(1) ?? "", select.Int(2), select.Number(3));
            if (worker.ChecksumIn(queue) == select.Number(4))
            {
                workers.Add(worker);
            }
        }

        return workers;
    }

    /// <summary>Forgets those that count no longer.</summary>
    public static void RemoveOld(Connection connection, long now)
    {
        using var delete = connection.Use(DeleteOld);
        delete.With(now).Run();
    }

    /// <summary>Forgets a session that is over.</summary>
    public static void Remove(Connection connection, QueueRow queue, SessionId session)
    {
        using var delete = connection.Use(DeleteOne);
        delete.With(queue.Number).With(session.Value).Run();
    }

    /// <summary>Forgets all: the machine started anew, and their times are readings of another clock.</summary>
    public static void Clear(Connection connection) => connection.Run(DeleteAll);
}

/// <summary>A worker that announced itself. Until is by the clock of leases.</summary>
internal readonly record struct WorkerRow(SessionId Session, string Name, int Concurrency, long Until)
{
    public long ChecksumIn(QueueRow queue) => RowChecksum.Of("worker", queue.Number).With(Session.Value).With(Name).With(Concurrency).With(Until).Value;
}
