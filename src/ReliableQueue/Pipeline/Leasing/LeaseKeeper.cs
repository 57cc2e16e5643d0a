using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Pipeline.Leasing;

/// <summary>
/// Keeps the leases of all queues of a worker: tells handlers whose lease or time is over, and renews the rest, all that a queue holds in one call. Driven step by
/// step: by its own thread in a worker, by the virtual clock in a test.
/// </summary>
internal sealed class LeaseKeeper(IRenewalConnection connection, QueueMeter meter, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private volatile LeaseTable[] tables = [];

    public void Keep(LeaseTable table) => tables = [.. tables, table];

    /// <summary>Does what is due and says how long to wait until the next step.</summary>
    public TimeSpan Step()
    {
        var pause = LongestPause;
        foreach (var table in tables)
        {
            // Deadlines first: after a pause of the process, a handler must learn that its lease is over before anything is renewed.
            var tick = table.Tick(time.GetTimestamp());
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

            RenewAll(table, tick.Renew);

            pause = tick.Next < pause ? tick.Next : pause;
        }

        return pause;
    }

    private void RenewAll(LeaseTable table, IReadOnlyList<Delivery> due)
    {
        var answered = true;
        foreach (var batch in due.Chunk(BrokerLimits.BatchSize))
        {
            // After the first call that was not answered the rest is not asked now: each would take a whole call timeout, and no deadline is looked at meanwhile.
            if (!answered || !(answered = TryRenew(table, batch)))
            {
                var now = time.GetTimestamp();
                foreach (var delivery in batch)
                {
                    table.NotRenewed(delivery, now);
                }
            }
        }
    }

    private bool TryRenew(LeaseTable table, Delivery[] batch)
    {
        var sentAt = time.GetTimestamp();
        IReadOnlyList<RenewResult> results;
        try
        {
            results = connection.Renew(table.Settings.Queue, Array.ConvertAll(batch, delivery => delivery.Lease), table.Settings.VisibilityTimeout);
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
