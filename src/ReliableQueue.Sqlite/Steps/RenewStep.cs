using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>Extends leases whose token is the newest, expired or not, as long as they were not reclaimed.</summary>
internal static class RenewStep
{
    public static RenewReply Run(WriteContext context, RenewRequest request)
    {
        var results = new RenewResult[request.Leases.Count];
        if (context.FindQueue(request.Queue) is not { } queue)
        {
            return new RenewReply(results);
        }

        var deadline = context.Now + BrokerEnvironment.Microseconds(request.VisibilityTimeout);
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = Renew(context, queue, request.Leases[i], deadline);
        }

        return new RenewReply(results);
    }

    private static RenewResult Renew(WriteContext context, QueueRow queue, HeldLease lease, long deadline)
    {
        if (MessageTable.Find(context.Connection, queue, lease.Message) is not { } row)
        {
            // A row that was damaged while its message is handled is given to nobody any more: the handler may finish what cannot be delivered again.
            return MessageTable.Exists(context.Connection, queue, lease.Message) ? RenewResult.Renewed : RenewResult.Lost;
        }

        if (row.Line != Line.Leased || row.Token != lease.Token)
        {
            return RenewResult.Lost;
        }

        MessageTable.Move(context.Connection, queue, row with { Place = deadline });
        return RenewResult.Renewed;
    }
}
