using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Extends leases whose token is the newest, expired or not, as long as they were not reclaimed.</summary>
internal static class RenewStep
{
    // 3 is Line.Leased.
    private const string Extend = "UPDATE message SET place = ? WHERE queue = ? AND id = ? AND state = 3 AND session = ? AND fence = ?";

    public static RenewReply Run(WriteContext context, RenewRequest request)
    {
        var (name, leases, visibilityTimeout) = request;
        var results = new RenewResult[leases.Count];
        if (QueueTable.Find(context.Connection, name) is not { } queue)
        {
            return new RenewReply(results);
        }

        var deadline = context.Now + BrokerEnvironment.Microseconds(visibilityTimeout);
        for (var i = 0; i < results.Length; i++)
        {
            using var extend = context.Connection.Use(Extend);
            var changed = extend.With(deadline).With(queue.Number).With(leases[i].Message).With(leases[i].Token).Run();
            results[i] = changed == 1 ? RenewResult.Renewed : RenewResult.Lost;
        }

        return new RenewReply(results);
    }
}
