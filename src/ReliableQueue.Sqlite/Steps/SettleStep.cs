using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Ends deliveries. Only the newest token given out for a message can, and only once, in one way.</summary>
internal static class SettleStep
{
    public static SettleReply Run(WriteContext context, SettleRequest request)
    {
        var (name, settlements) = request;
        var results = new SettleResult[settlements.Count];
        var found = QueueTable.Find(context.Connection, name);
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = found is { } queue && MessageTable.Find(context, queue, settlements[i].Lease.Message) is { } row
                ? Settle(context, name, queue, row, settlements[i])
                : SettleResult.Already;
        }

        return new SettleReply(results);
    }

    private static SettleResult Settle(WriteContext context, QueueName name, QueueRow queue, MessageRow row, LeaseSettlement settled)
    {
        var kind = KindOf(settled.Settlement);
        if (row.Token != settled.Lease.Token)
        {
            return SettleResult.Stale;
        }

        if (row.State == Line.DeadLettered || row.Settled != SettledAs.Not)
        {
            var again = row.State == Line.DeadLettered ? SettledAs.DeadLetter : row.Settled;
            return kind == again ? SettleResult.Already : SettleResult.Stale;
        }

        if (row.State != Line.Leased && kind is SettledAs.Retry or SettledAs.Release)
        {
            // Reclaimed or returned meanwhile, and counted as such: it will be delivered again without this.
            return SettleResult.Already;
        }

        Apply(context, name, queue, row with { Settled = kind }, settled.Settlement);
        return SettleResult.Settled;
    }

    private static SettledAs KindOf(Settlement settlement) => settlement switch
    {
        Settlement.Retry => SettledAs.Retry,
        Settlement.Release => SettledAs.Release,
        Settlement.DeadLetter => SettledAs.DeadLetter,
        _ => SettledAs.Not,
    };

    private static void Apply(WriteContext context, QueueName name, QueueRow queue, MessageRow row, Settlement settlement)
    {
        switch (settlement)
        {
            case Settlement.Ack:
                MessageTable.Remove(context, queue, row);
                break;
            case Settlement.DeadLetter dead:
                DeadLetterTable.Add(context, queue, row, dead.Reason, dead.Error);
                break;
            case Settlement.Retry retry:
                DeliverAgain(context, name, queue, row with { Losses = 0 }, retry.Delay);
                break;
            case Settlement.Release release:
                DeliverAgain(context, name, queue, row with { Deliveries = row.Deliveries - 1 }, release.Delay);
                break;
            default:
                throw new BrokerException(BrokerFault.Refused, $"Unknown settlement '{settlement.GetType().Name}' of message {row.Id} in queue '{name}'.");
        }
    }

    private static void DeliverAgain(WriteContext context, QueueName name, QueueRow queue, MessageRow row, TimeSpan delay)
    {
        if (delay > TimeSpan.Zero)
        {
            MessageTable.Move(context, queue, row with { State = Line.Scheduled }, context.UtcNow + BrokerEnvironment.Microseconds(delay));
            return;
        }

        MessageTable.MoveToReady(context, queue, row);
        context.Wake(name);
    }
}
