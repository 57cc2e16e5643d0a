using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Working.Lease;

/// <summary>
/// Keeps the leases of all queues of a worker: tells handlers whose lease or time is over, and renews the rest, all that a queue holds in one call. Driven step by
/// step: by its own thread in a worker, by the virtual clock in a test.
/// </summary>
internal sealed class LeaseKeeper(IRenewalConnection connection, TimeProvider time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private volatile KeptQueue[] queues = [];
    private int first;

    public void Keep(InHand inHand, QueueSignals signals) => queues = [.. queues, new KeptQueue(inHand, signals)];

    /// <summary>Does what is due and says how long to wait until the next step.</summary>
    public TimeSpan Step()
    {
        // Deadlines of all queues first: a handler must learn that its lease is over before a renewal waits for its answer.
        var pause = LongestPause;
        var all = queues;
        var due = new IReadOnlyList<Delivery>[all.Length];
        for (var index = 0; index < all.Length; index++)
        {
            var now = time.GetTimestamp();
            var tick = all[index].InHand.Tick(now);
            Tell(all[index].Signals, tick);
            due[index] = tick.ToRenew;
            var next = all[index].InHand.PauseAfter(tick, now);
            pause = next < pause ? next : pause;
        }

        RenewAll(all, due);
        return pause;
    }

    private static void Tell(QueueSignals signals, LeaseTick tick)
    {
        foreach (var delivery in tick.Expired)
        {
            Lose(signals, delivery);
        }

        foreach (var delivery in tick.TimedOut)
        {
            if (delivery.Hold.Cancel(CancellationReason.Timeout))
            {
                signals.HandlerTimedOut(delivery.Context);
            }
        }

        foreach (var delivery in tick.Overrunning)
        {
            signals.HandlerIgnoresItsToken(delivery.Context);
        }
    }

    private static void Lose(QueueSignals signals, Delivery delivery)
    {
        // A delivery whose settlement is under way loses its lease by being settled: nobody needs to hear of it.
        if (!delivery.Hold.IsSettled && delivery.Hold.Lose())
        {
            signals.LeaseLost(delivery.Context);
        }
    }

    /// <summary>
    /// Renews queue by queue. After the first call that was not answered the rest is not asked in this step: each would take a whole call timeout, and no deadline is looked at
    /// meanwhile. The next step begins behind the queue that got no answer, so that it does not keep the others waiting.
    /// </summary>
    private void RenewAll(KeptQueue[] all, IReadOnlyList<Delivery>[] due)
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
                    PutOff(all[index].InHand, batch);
                }
                else if (!answered)
                {
                    PutOff(all[index].InHand, batch);
                }
            }
        }
    }

    private void PutOff(InHand inHand, Delivery[] batch)
    {
        var now = time.GetTimestamp();
        foreach (var delivery in batch)
        {
            inHand.NotRenewed(delivery, now);
        }
    }

    private bool TryRenew(KeptQueue queue, Delivery[] batch)
    {
        var (inHand, signals) = queue;
        var sentAt = time.GetTimestamp();
        IReadOnlyList<RenewResult> results;
        try
        {
            var leases = Array.ConvertAll(batch, delivery => delivery.Lease);
            results = connection.Renew(new RenewRequest(inHand.Settings.Queue, leases, inHand.Settings.VisibilityTimeout)).Results;
        }
        catch (Exception exception)
        {
            // Whatever was thrown: leases of other queues are due as well.
            signals.RenewalFailed(batch.Length, exception);
            return false;
        }

        signals.Renewed(batch.Length, lost: results.Count(result => result == RenewResult.Lost));
        for (var index = 0; index < batch.Length; index++)
        {
            if (results[index] == RenewResult.Renewed)
            {
                inHand.Renewed(batch[index], sentAt);
            }
            else
            {
                inHand.Lost(batch[index]);
                Lose(signals, batch[index]);
            }
        }

        return true;
    }

    private sealed record KeptQueue(InHand InHand, QueueSignals Signals);
}
