using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Working.Lease;

/// <summary>
/// Keeps the leases of all queues of a worker: tells handlers whose lease or time is over, and renews the rest, all that a queue holds in one call. Driven step by
/// step: by its own thread in a worker, by the virtual clock in a test.
/// </summary>
internal sealed class LeaseKeeper(IRenewalConnection connection, QueueMeter meter, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private volatile LeaseTable[] tables = [];
    private int first;

    public void Keep(LeaseTable table) => tables = [.. tables, table];

    /// <summary>Does what is due and says how long to wait until the next step.</summary>
    public TimeSpan Step()
    {
        // Deadlines of all queues first: a handler must learn that its lease is over before a renewal waits for its answer.
        var pause = LongestPause;
        var all = tables;
        var due = new IReadOnlyList<Delivery>[all.Length];
        for (var index = 0; index < all.Length; index++)
        {
            var tick = all[index].Tick(time.GetTimestamp());
            Tell(tick);
            due[index] = tick.Renew;
            pause = tick.Next < pause ? tick.Next : pause;
        }

        RenewAll(all, due);
        return pause;
    }

    private void Tell(LeaseTick tick)
    {
        foreach (var delivery in tick.Expired)
        {
            Lose(delivery);
        }

        foreach (var delivery in tick.TimedOut)
        {
            if (delivery.Hold.Cancel(CancellationReason.Timeout))
            {
                QueueLog.HandlerTimedOut(logger, delivery.Queue.Value, delivery.Envelope.Type, delivery.Id);
            }
        }

        foreach (var delivery in tick.Overrun)
        {
            QueueLog.HandlerIgnoresItsToken(logger, delivery.Queue.Value, delivery.Envelope.Type, delivery.Id);
        }
    }

    /// <summary>
    /// Renews queue by queue. After the first call that was not answered the rest is not asked in this step: each would take a whole call timeout, and no deadline is looked at
    /// meanwhile. The next step begins behind the queue that got no answer, so that it does not keep the others waiting.
    /// </summary>
    private void RenewAll(LeaseTable[] all, IReadOnlyList<Delivery>[] due)
    {
        var answered = true;
        var begin = first;
        for (var offset = 0; offset < all.Length; offset++)
        {
            var index = (begin + offset) % all.Length;
            foreach (var batch in due[index].Chunk(BrokerLimits.BatchSize))
            {
                if (answered && !TryRenew(all[index], batch))
                {
                    (answered, first) = (false, index + 1);
                    PutOff(all[index], batch);
                }
                else if (!answered)
                {
                    PutOff(all[index], batch);
                }
            }
        }
    }

    private void PutOff(LeaseTable table, Delivery[] batch)
    {
        var now = time.GetTimestamp();
        foreach (var delivery in batch)
        {
            table.NotRenewed(delivery, now);
        }
    }

    private bool TryRenew(LeaseTable table, Delivery[] batch)
    {
        var sentAt = time.GetTimestamp();
        IReadOnlyList<RenewResult> results;
        try
        {
            var leases = Array.ConvertAll(batch, delivery => delivery.Lease);
            results = connection.Renew(new RenewRequest(table.Settings.Queue, leases, table.Settings.VisibilityTimeout)).Results;
        }
        catch (Exception exception)
        {
            // Whatever was thrown: leases of other queues are due as well.
            meter.CountRenewed(table.Settings.Queue.Value, batch.Length, TelemetryNames.Error.BrokerUnavailable);
            QueueLog.RenewalFailed(logger, table.Settings.Queue.Value, batch.Length, exception);
            return false;
        }

        var lost = results.Count(result => result == RenewResult.Lost);
        meter.CountRenewed(table.Settings.Queue.Value, batch.Length - lost, null);
        meter.CountRenewed(table.Settings.Queue.Value, lost, TelemetryNames.Error.LeaseLost);
        for (var index = 0; index < batch.Length; index++)
        {
            if (results[index] == RenewResult.Renewed)
            {
                table.Renewed(batch[index], sentAt);
            }
            else
            {
                table.Lost(batch[index]);
                Lose(batch[index]);
            }
        }

        return true;
    }

    private void Lose(Delivery delivery)
    {
        // A delivery whose settlement is under way loses its lease by being settled: nobody needs to hear of it.
        if (!delivery.Hold.IsSettled && delivery.Hold.Lose())
        {
            QueueLog.LeaseLost(logger, delivery.Queue.Value, delivery.Envelope.Type, delivery.Id, delivery.DeliveryCount);
        }
    }
}
