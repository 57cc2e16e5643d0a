using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>
/// Ends a lease whose worker is gone. The delivery stays counted and its token stays known, unsettled: if the worker lives after all, its late ack is
/// accepted until the message is given to somebody else.
/// </summary>
internal static class WorkerLoss
{
    /// <summary>Ends each lease; answers how many went back to ready and how many to the dead letters.</summary>
    public static (int Returned, int DeadLettered) End(WriteContext context, QueueRow queue, List<MessageRow> rows, int maxDeliveries)
    {
        var dead = 0;
        foreach (var row in rows)
        {
            var lost = row with { Losses = row.Losses + 1 };
            if (row.Deliveries >= maxDeliveries)
            {
                MessageTable.MoveToDeadLetters(context.Connection, queue, lost, new Failure(DeadLetterReason.DeliveryLimit, Error: null, context.UtcNow));
                dead++;
            }
            else
            {
                MessageTable.MoveToReady(context.Connection, queue, lost);
            }
        }

        return (rows.Count - dead, dead);
    }
}
