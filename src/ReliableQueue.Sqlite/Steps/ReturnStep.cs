using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>Takes back what a dead session holds, and fences it.</summary>
internal static class ReturnStep
{
    public static ReturnReply Run(WriteContext context, ReturnRequest request)
    {
        var (name, session, maxDeliveries) = request;
        var queue = context.FindOrCreateQueue(name);

        // In the same transaction: a lease call of the session that arrives later finds it fenced and can leave nothing behind that nobody looks for.
        CallTable.Fence(context, queue, session);
        WorkerTable.Remove(context.Connection, queue, session);
        var damaged = new List<byte[]>();
        var held = MessageTable.HeldBy(context.Connection, queue, session, BrokerLimits.BatchSize + 1, damaged);
        var isComplete = held.Count <= BrokerLimits.BatchSize;
        if (!isComplete)
        {
            held.RemoveAt(held.Count - 1);
        }

        var (returned, dead) = WorkerLoss.End(context, queue, held, maxDeliveries);
        if (returned > 0)
        {
            context.Wake();
        }

        var (lastCall, regressed) = CallTable.LastOf(context.Connection, queue, session);
        return new ReturnReply(returned, dead, isComplete, lastCall, context.ReportDamage(queue, damaged) || regressed);
    }
}
