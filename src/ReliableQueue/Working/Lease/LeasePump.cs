using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.Producing;
using ReliableQueue.State;

namespace ReliableQueue.Working.Lease;

/// <summary>Why a pump ended.</summary>
internal enum PumpEnd
{
    /// <summary>It was told to.</summary>
    Stopped,

    /// <summary>It gave up a call that may have leased messages: the session must be returned at the next start.</summary>
    Abandoned,

    /// <summary>Another process returned this session, taking this one for dead: begin a new session.</summary>
    Fenced,
}

/// <summary>
/// Step 3 of the path: broker → lease. Leases as many messages as there are free slots, never more, and hands on what each call brought. One call is in flight at a time, so
/// the slots that come back meanwhile make the next batch.
/// </summary>
internal sealed class LeasePump(LeaseCalls calls, InHand inHand, LossWatch losses, QueueMemory memory, QueueSignals signals, Surroundings surroundings)
{
    private static readonly TimeSpan StateFilePause = TimeSpan.FromSeconds(1);

    /// <summary>How long an idle worker sleeps while its hints are known to arrive, unless something is due before: 5 s and, by the jitter and the grid, up to 9.3 s.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5) / 0.75;

    private readonly LeaseSettings settings = inHand.Settings;
    private readonly TimeProvider time = surroundings.Time;
    private readonly LeaseTerms terms = new(surroundings.Time, TaskScheduler.Current, signals);
    private IHintSubscription? hints;
    private bool isHinted;

    /// <summary>The outage that lasts now; null while the broker answers.</summary>
    public Outage? Outage => calls.Outage;

    /// <summary>There may be something to lease.</summary>
    public void Hint()
    {
        Volatile.Write(ref isHinted, true);
        inHand.Changed.Set();
    }

    /// <summary>Hints arrive by this subscription, so it says whether they do.</summary>
    public void HearBy(IHintSubscription subscription) => hints = subscription;

    /// <summary>Leases until stopped, or until the broker says that the session was fenced.</summary>
    /// <param name="lane">The lane of the session.</param>
    /// <param name="deliver">Is handed what each call brought, once it is counted as held.</param>
    /// <param name="stopping">Lease no more. A call in flight is still answered: what it brings is released.</param>
    /// <param name="abandon">Fires at the end of a drain: give up even a call whose outcome is unknown; the session is returned at the next start.</param>
    public async Task<PumpEnd> RunAsync(CallLane lane, Action<IReadOnlyList<Delivery>> deliver, CancellationToken stopping, CancellationToken abandon)
    {
        using var waking = stopping.UnsafeRegister(static changed => ((Signal?)changed)?.Set(), inHand.Changed);
        var hasBacklog = false;
        while (!stopping.IsCancellationRequested)
        {
            if (memory.Fault is null)
            {
                await WaitForSlotsAsync(hasBacklog, stopping);
            }

            // Looked at after the wait: slots come back when a settlement was answered, and its record may be the one that found the disk full.
            if (memory.Fault is not null)
            {
                // Without its file a worker could not say, after its death, what it held: it finishes what it has and leases nothing.
                await time.PauseAsync(surroundings.Random.Jitter(StateFilePause), stopping);
                await (stopping.IsCancellationRequested ? Task.CompletedTask : memory.ProbeAsync());
                continue;
            }

            Volatile.Write(ref isHinted, false);
            var most = Math.Min(inHand.Free, BrokerLimits.BatchSize);
            var isSuspectHeld = inHand.HoldsSuspect;
            if (await calls.LeaseAsync(lane, most, isSuspectHeld ? 0 : 1, stopping, abandon) is not var (reply, sentAt))
            {
                return abandon.IsCancellationRequested ? PumpEnd.Abandoned : PumpEnd.Stopped;
            }

            deliver(Admit(reply, sentAt, stopping));
            await losses.ObserveAsync(reply.Answer);
            hasBacklog = most > 0 && reply.Messages.Count == most;
            if (reply.Answer.Standing == CallStanding.Fenced)
            {
                return PumpEnd.Fenced;
            }

            if (most > 0 && reply.Messages.Count == 0)
            {
                await WaitForMoreAsync(reply.NextDue, isSuspectHeld, stopping);
            }
        }

        return PumpEnd.Stopped;
    }

    private async Task WaitForSlotsAsync(bool hasBacklog, CancellationToken stopping)
    {
        if (inHand.Free == 0)
        {
            // When no slot comes back in time, no message is asked for: the call still reclaims what other workers lost, and keeps the lane known to the broker.
            await time.WaitAsync(inHand.Changed, () => inHand.Free > 0 || stopping.IsCancellationRequested, Poll());
        }

        if (hasBacklog)
        {
            // A call for one costs the broker ten times what a message in a large batch does: while there is more to come, wait a moment for more slots.
            await time.GatherAsync(inHand.Changed, () => inHand.Free >= Pacing.Enough(settings.Concurrency) || stopping.IsCancellationRequested);
        }
    }

    /// <summary>Waits until something may have come: a hint, a message that is due, the end of a suspect that others had to wait for. Then it is time for another look in any case.</summary>
    private Task WaitForMoreAsync(TimeSpan? nextDue, bool isSuspectHeld, CancellationToken stopping)
    {
        var poll = Poll();
        var rest = hints is { IsHeard: true } ? LongestRest() : poll;
        var longest = rest > poll ? rest : poll;
        return time.WaitAsync(
            inHand.Changed,
            () => Volatile.Read(ref isHinted) || (isSuspectHeld && !inHand.HoldsSuspect) || stopping.IsCancellationRequested,
            nextDue < longest ? nextDue.Value : longest);
    }

    // A worker that leases after this look, and is lost, loses its messages one visibility timeout later at the earliest. Whoever looks within that time leases them in time, even if no hint comes.
    private TimeSpan LongestRest()
    {
        var rest = surroundings.Random.Jitter(TimeSpan.FromTicks(Math.Min(Rest.Ticks, (settings.VisibilityTimeout * 0.8).Ticks)));
        return time.OnGrid(rest, settings.VisibilityTimeout);
    }

    // Jittered to at most the interval, so that workers started together do not poll together.
    private TimeSpan Poll() => surroundings.Random.Jitter(settings.PollInterval * 0.8);

    /// <summary>Counts what a call brought as held.</summary>
    private List<Delivery> Admit(LeaseReply reply, long sentAt, CancellationToken stopping)
    {
        inHand.Take(reply.Messages.Count);
        var deadline = inHand.DeadlineOf(sentAt);
        var deliveries = new List<Delivery>(reply.Messages.Count);
        foreach (var leased in reply.Messages)
        {
            // A handler that ignored the loss of its lease may still run here: a second one of the same message would work against the first.
            var message = leased.Lease.Message;
            var isStillRunning = inHand.Holds(message);
            var delivery = new Delivery(settings.Queue, leased, EnvelopeCodec.Decode(leased.Envelope, settings.Limits), new LeaseHold(terms, message, deadline), isStillRunning);
            _ = !isStillRunning && inHand.TryAdd(delivery, sentAt);
            if (stopping.IsCancellationRequested)
            {
                delivery.Hold.Cancel(CancellationReason.Shutdown);
            }

            deliveries.Add(delivery);
        }

        return deliveries;
    }
}
