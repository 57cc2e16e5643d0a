using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Ends deliveries. Only the newest token given out for a message can, and only once, in one way.</summary>
internal static class SettleStep
{
    public static SettleReply Run(WriteContext context, SettleRequest request)
    {
        var results = new SettleResult[request.Settlements.Count];
        var found = context.FindQueue(request.Queue);
        for (var i = 0; i < results.Length; i++)
        {
            var (lease, settlement) = request.Settlements[i];

            // A row that is damaged counts as gone: it is given to nobody any more, so there is nothing left to settle. The next lease call reports it.
            results[i] = found is { } queue && MessageTable.Find(context.Connection, queue, lease.Message) is { } row
                ? Settle(context, queue, row, lease.Token, settlement)
                : SettleResult.Already;
        }

        return new SettleReply(results);
    }

    private static SettleResult Settle(WriteContext context, QueueRow queue, MessageRow row, LeaseToken token, Settlement settlement)
    {
        var kind = KindOf(settlement);
        if (row.Token != token)
        {
            return SettleResult.Stale;
        }

        if (row.Line == Line.DeadLettered || row.Settled != SettledAs.Not)
        {
            var again = row.Line == Line.DeadLettered ? SettledAs.DeadLetter : row.Settled;
            return kind == again ? SettleResult.Already : SettleResult.Stale;
        }

        if (row.Line != Line.Leased && kind is SettledAs.Retry or SettledAs.Release)
        {
            // Reclaimed or returned meanwhile, and counted as such: it will be delivered again without this.
            return SettleResult.Already;
        }

        Apply(context, queue, row with { Settled = kind }, settlement);
        return SettleResult.Settled;
    }

    private static SettledAs KindOf(Settlement settlement) => settlement switch
    {
        Settlement.Retry => SettledAs.Retry,
        Settlement.Release => SettledAs.Release,
        Settlement.DeadLetter => SettledAs.DeadLetter,
        _ => SettledAs.Not,
    };

    private static void Apply(WriteContext context, QueueRow queue, MessageRow row, Settlement settlement)
    {
        var connection = context.Connection;
        switch (settlement)
        {
            case Settlement.Ack:
                MessageTable.Remove(connection, queue, row);
                break;
            case Settlement.DeadLetter dead:
                MessageTable.MoveToDeadLetters(connection, queue, row, new Failure(dead.Reason, dead.Error, context.UtcNow));
                break;
            case Settlement.Retry retry:
                NoteFailure(connection, row, new Failure(DeadLetterReason.None, retry.Error, context.UtcNow));
                DeliverAgain(context, queue, row with { Losses = 0 }, retry.Delay);
                break;
            case Settlement.Release release:
                DeliverAgain(context, queue, row with { Deliveries = row.Deliveries - 1 }, release.Delay);
                break;
            default:
                throw new BrokerException(BrokerFault.Refused, $"Unknown settlement '{settlement.GetType().Name}' of message {row.Id} in queue '{queue.Name}'.");
        }
    }

    // What is not known of this failure must not be read as the text of an earlier one.
    private static void NoteFailure(Connection connection, MessageRow row, Failure failure)
    {
        if (failure.Error is null)
        {
            FailureTable.Remove(connection, row.Envelope);
        }
        else
        {
            FailureTable.Set(connection, row.Envelope, failure);
        }
    }

    private static void DeliverAgain(WriteContext context, QueueRow queue, MessageRow row, TimeSpan delay)
    {
        if (delay > TimeSpan.Zero)
        {
            var due = context.UtcNow + BrokerEnvironment.Microseconds(delay);
            if (!(MessageTable.First(context.Connection, queue, Line.Scheduled) <= due))
            {
                // Who sleeps until the first of the others is due has to look before.
                context.Wake();
            }

            MessageTable.Move(context.Connection, queue, row with { Line = Line.Scheduled, Place = due });
            return;
        }

        MessageTable.MoveToReady(context.Connection, queue, row);
        context.Wake();
    }
}
