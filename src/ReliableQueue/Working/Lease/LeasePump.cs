using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.Producing;
using ReliableQueue.State;

namespace ReliableQueue.Working.Lease;

/// <summary>
/// Step 1 of a worker: broker → lease. Leases as many messages as there are free slots, never more, and starts a delivery for each. One call is in flight at a time, so
/// the slots that come back meanwhile make the next batch.
/// </summary>
internal sealed class LeasePump(
    LeaseSettings settings,
    IQueueBroker broker,
    LeaseTable table,
    Slots slots,
    RegressionWatch watch,
    QueueMemory memory,
    Action<IReadOnlyList<Delivery>> start,
    QueueMeter meter,
    TimeProvider time,
    IRandomSource random,
    ILogger logger)
{
    // Bounds one reply: 500 messages of the largest size would be 128 MiB.
    private const int MaxBytesPerCall = 4 * 1024 * 1024;

    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(1);

    private readonly Signal idle = new(time);
    private readonly Signal stopped = new(time);
    private readonly TaskScheduler scheduler = TaskScheduler.Current;
    private bool stopping;

    /// <summary>The outage that lasts now; null while the broker answers.</summary>
    public Outage? Outage { get; private set; }

    /// <summary>There may be something to lease.</summary>
    public void Hint() => idle.Set();

    /// <summary>Lease no more. A call in flight is still answered: what it brings is released.</summary>
    public void Stop()
    {
        Volatile.Write(ref stopping, true);
        idle.Set();
        stopped.Set();
        slots.Freed.Set();
    }

    /// <summary>Leases until stopped, or until the broker says that the session was fenced.</summary>
    /// <param name="lane">The lane of the session.</param>
    /// <param name="abandon">Fires at the end of a drain: give up even a call whose outcome is unknown; the session is returned at the next start.</param>
    public async Task<PumpEnd> RunAsync(CallLane lane, CancellationToken abandon)
    {
        var hasBacklog = false;
        while (!Volatile.Read(ref stopping))
        {
            if (memory.Fault is null)
            {
                await WaitForSlotsAsync(hasBacklog);
            }

            // Looked at after the wait: slots come back when a settlement was answered, and its record may be the one that found the disk full.
            if (memory.Fault is not null)
            {
                // Without its file a worker could not say, after its death, what it held: it finishes what it has and leases nothing.
                await stopped.WaitAsync(random.Jitter(FaultPause));
                if (!Volatile.Read(ref stopping))
                {
                    await memory.ProbeAsync();
                }

                continue;
            }

            var most = Math.Min(slots.Free, BrokerLimits.BatchSize);
            if (await LeaseAsync(lane, most, abandon) is not { } reply)
            {
                return abandon.IsCancellationRequested ? PumpEnd.Abandoned : PumpEnd.Stopped;
            }

            hasBacklog = most > 0 && reply.Messages.Count == most;
            if (reply.Answer.Standing == CallStanding.Fenced)
            {
                return PumpEnd.Fenced;
            }

            if (most > 0 && reply.Messages.Count == 0 && !Volatile.Read(ref stopping))
            {
                var poll = Poll();
                await idle.WaitAsync(reply.NextDue is { } due && due < poll ? due : poll);
            }
        }

        return PumpEnd.Stopped;
    }

    private async Task WaitForSlotsAsync(bool hasBacklog)
    {
        if (slots.Free == 0)
        {
            // When none comes back in time, lease none: that still reclaims what other workers lost, and keeps the lane known to the broker.
            await slots.Freed.WaitAsync(Poll());
        }

        if (hasBacklog)
        {
            // A call for one costs the broker ten times what a message in a large batch does: while there is more to come, wait a moment for more slots.
            await Gathering.WaitAsync(slots.Freed, time, () => slots.Free >= Gathering.Enough(slots.Count));
        }
    }

    // Jittered to at most the interval, so that workers started together do not poll together.
    private TimeSpan Poll() => random.Jitter(settings.PollInterval * 0.8);

    private async Task<LeaseReply?> LeaseAsync(CallLane lane, int most, CancellationToken abandon)
    {
        var request = new LeaseRequest(settings.Queue, lane.Stamp, most, settings.VisibilityTimeout, settings.MaxDeliveries)
        {
            MaxSuspects = table.HoldsSuspect ? 0 : 1,
            MaxBytes = MaxBytesPerCall,
        };
        if (await CallAsync(request, abandon) is not var (reply, sentAt))
        {
            return null;
        }

        lane.Answered();
        memory.NoteLastCall(lane.Session, lane.LastAnswered);
        Start(reply, sentAt);
        await watch.ObserveAsync(reply.Answer);
        return reply;
    }

    /// <summary>Makes one call until it is answered. Null: the worker stops and the call has certainly not been done, or is given up.</summary>
    private async Task<(LeaseReply Reply, long SentAt)?> CallAsync(LeaseRequest request, CancellationToken abandon)
    {
        var mayBeDone = false;
        for (var failures = 1; ; failures++)
        {
            if (abandon.IsCancellationRequested || (Volatile.Read(ref stopping) && !mayBeDone))
            {
                return null;
            }

            try
            {
                // A fault of the file may be found while the call is being repeated. If it was done before, its number brings what it leased then, whatever is asked now.
                var asked = memory.Fault is null ? request : request with { MaxMessages = 0 };

                // Of the attempt that is answered: a repeated call makes its leases last from the repetition.
                var sentAt = time.GetTimestamp();
                var reply = await broker.LeaseAsync(asked, abandon);
                meter.MeasureOperation(TelemetryNames.Operation.Lease, settings.Queue.Value, time.GetElapsedTime(sentAt), null);
                meter.CountRedelivered(settings.Queue.Value, TelemetryNames.Redelivery.WorkerLost, reply.Reclaimed);
                Outage = null;
                return (reply, sentAt);
            }
            catch (OperationCanceledException) when (abandon.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception exception)
            {
                // The port allows only the first; what a broker that breaks its contract throws says nothing about what it did.
                var fault = exception as BrokerException ?? new BrokerException(BrokerFault.Unknown, exception.Message, exception);
                Outage = new Outage(Outage?.Since ?? time.GetTimestamp(), fault);
                mayBeDone |= fault.Fault == BrokerFault.Unknown;
                QueueLog.LeaseFailed(logger, settings.Queue.Value, fault.Fault, failures, exception);
            }

            // Not woken by hints: a broker that fails while others enqueue must not be called in a tight loop.
            await stopped.WaitAsync(RetryPause.After(failures, random));
        }
    }

    private void Start(LeaseReply reply, long sentAt)
    {
        slots.Take(reply.Messages.Count);
        var deadline = table.DeadlineOf(sentAt);
        var deliveries = new List<Delivery>(reply.Messages.Count);
        foreach (var leased in reply.Messages)
        {
            // The id alone: a closure over the leased message would hold a copy of all of it.
            var id = leased.Lease.Message;
            var hold = new LeaseHold(time, scheduler, deadline, exception => QueueLog.TokenCallbackFailed(logger, settings.Queue.Value, id, exception));
            var delivery = new Delivery(settings.Queue, leased, EnvelopeCodec.Decode(leased.Envelope, settings.Limits), hold);
            if (!table.TryAdd(delivery, sentAt))
            {
                // Its handler ignored the loss of the lease and still runs here: a second one beside it would work against the first.
                delivery.IsStillRunningHere = true;
            }

            if (Volatile.Read(ref stopping))
            {
                hold.Cancel(CancellationReason.Shutdown);
            }

            deliveries.Add(delivery);
        }

        start(deliveries);
    }
}
