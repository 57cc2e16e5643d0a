using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Who holds leases of a queue, and who said that it handles it.</summary>
internal static class WorkersQuery
{
    // 3 is Line.Leased.
    private const string Holders = "SELECT session, count(*), min(place) FROM message INDEXED BY line WHERE queue = ? AND state = 3 GROUP BY session";

    public static bool Announce(WriteContext context, WorkerAnnouncement announcement)
    {
        var until = context.Now + BrokerEnvironment.Microseconds(announcement.For);
        var worker = new WorkerRow(announcement.Session, announcement.Worker, announcement.Concurrency, until);
        WorkerTable.Set(context.Connection, context.FindOrCreateQueue(announcement.Queue), worker);
        WorkerTable.RemoveOld(context.Connection, context.Now);
        return true;
    }

    public static IReadOnlyList<WorkerListing> Run(Connection connection, QueueName name, BrokerEnvironment environment)
    {
        if (QueueTable.Find(connection, name) is not { } queue)
        {
            return [];
        }

        var (now, utcNow) = (environment.Now, environment.UtcNow);
        var listings = WorkerTable.Read(connection, queue, now)
            .ToDictionary(worker => worker.Session, worker => new WorkerListing(worker.Session, worker.Name, worker.Concurrency, Held: 0, EarliestLeaseEnd: null));
        using var holders = connection.Use(Holders);
        holders.With(queue.Number);
        while (holders.Step())
        {
            var session = new SessionId(holders.Number(0));
            var end = DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(utcNow + holders.Number(2) - now);
            var known = listings.GetValueOrDefault(session) ?? new WorkerListing(session, Worker: null, Concurrency: null, Held: 0, EarliestLeaseEnd: null);
            listings[session] = known with { Held = holders.Int(1), EarliestLeaseEnd = end };
        }

        return [.. listings.Values.OrderByDescending(listing => listing.Held).ThenBy(listing => listing.Session.Value).Take(BrokerLimits.BatchSize)];
    }
}
