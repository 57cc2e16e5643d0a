using System.Diagnostics;
using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>
/// Where the messages of one queue line up. An idle lane takes what is there at once; while all lanes have a call in flight, messages gather and go with the next
/// call: no timer delays anybody, and the busier it is, the larger the calls.
/// </summary>
internal sealed class EnqueueLine
{
    public const int LaneCount = 4;

    private readonly Lock gate = new();
    private readonly LinkedList<EnqueueGroup> waiting = [];
    private readonly EnqueueLane[] lanes;
    private readonly EnqueueContext context;
    private ITimer? sweep;
    private EnqueueGroup? open;
    private BrokerException? lastFault;
    private bool isSweepArmed;

    public EnqueueLine(QueueName queue, EnqueueContext context)
    {
        Queue = queue;
        this.context = context;
        var source = new LaneSource(context.Random);
        var watch = new EpochWatch(queue, context);
        lanes = [.. Enumerable.Range(0, LaneCount).Select(_ => new EnqueueLane(this, source, watch, context))];
    }

    public QueueName Queue { get; }

    /// <summary>Lines up one message, in a group it shares with others.</summary>
    public (EnqueueGroup Group, int Position) Add(NewMessage message)
    {
        EnqueueLane? idle;
        EnqueueGroup group;
        int position;
        lock (gate)
        {
            var now = context.Time.GetTimestamp();
            if (open is null || !open.Accepts(message.Envelope.Length, now))
            {
                LineUp(open = new EnqueueGroup(), now);
            }

            group = open;
            position = group.Add(message);
            idle = ClaimIdleLane();
        }

        idle?.Start();
        return (group, position);
    }

    /// <summary>Lines up the groups of one call of the user.</summary>
    public void Add(IReadOnlyList<EnqueueGroup> groups)
    {
        lock (gate)
        {
            var now = context.Time.GetTimestamp();
            foreach (var group in groups)
            {
                LineUp(group, now);
            }

            open = null;
        }

        for (var started = 0; started < groups.Count && StartIdleLane(); started++)
        {
        }
    }

    /// <summary>Takes a message out again; false when it is on its way and may be enqueued all the same.</summary>
    public bool Withdraw(EnqueueGroup group, int position)
    {
        lock (gate)
        {
            if (group.Place.List is null)
            {
                return false;
            }

            group.Withdraw(position);
            if (group.Count == 0)
            {
                Remove(group);
            }

            return true;
        }
    }

    /// <summary>What the lane sends next; null when nothing waits, and then the lane is idle.</summary>
    public EnqueueCall? Take(EnqueueLane lane)
    {
        lock (gate)
        {
            if (context.Closed.IsCancellationRequested)
            {
                // What is not sent by now never is.
                EndAllWaiting(new(EnqueueVerdict.Disposed));
            }

            if (waiting.Count == 0)
            {
                lane.IsBusy = false;
                return null;
            }

            List<EnqueueGroup> groups = [];
            var (count, bytes) = (0, 0L);
            while (waiting.First is { Value: var first } && Fits(count + first.Count, bytes + first.Bytes, groups.Count))
            {
                count += first.Count;
                bytes += first.Bytes;
                groups.Add(first);
                Remove(first);
            }

            var messages = new List<NewMessage>(count);
            groups.ForEach(group => group.CopyTo(messages));
            return lane.InFlight = new EnqueueCall(groups, messages);
        }
    }

    /// <summary>Takes back a call that was certainly not applied: its messages are first in line again, and its callers may withdraw them.</summary>
    public void TakeBack(EnqueueLane lane, EnqueueCall call, BrokerException fault)
    {
        lock (gate)
        {
            lane.InFlight = null;
            lastFault = fault;
            foreach (var group in call.Groups.Reverse().Where(group => !group.Outcome.IsCompleted))
            {
                group.LastFault = fault;
                waiting.AddFirst(group.Place);
            }
        }
    }

    /// <summary>Keeps what the broker said last, for callers whose time runs out before it says anything else.</summary>
    public void Note(BrokerException fault)
    {
        lock (gate)
        {
            lastFault = fault;
        }
    }

    /// <summary>Answers the callers of a call, unless it was taken back: then they are answered as those who wait.</summary>
    public void End(EnqueueLane lane, EnqueueCall call, EnqueueOutcome how, IReadOnlyList<EnqueueResult> results)
    {
        lock (gate)
        {
            if (lane.InFlight != call)
            {
                return;
            }

            lane.InFlight = null;
            lastFault = how.Verdict == EnqueueVerdict.Enqueued ? null : how.Fault;
        }

        call.End(how, results);
    }

    /// <summary>Answers everybody who still waits and lets the lanes end. The token of the context has fired before.</summary>
    public async Task CloseAsync()
    {
        lock (gate)
        {
            EndAllWaiting(new(EnqueueVerdict.Disposed));
            Array.ForEach(lanes, lane => lane.InFlight?.End(new(EnqueueVerdict.Unknown, lastFault), []));
            sweep?.Dispose();
        }

        await Task.WhenAll(lanes.Select(lane => lane.Running)).ConfigureAwait(false);
    }

    private static bool Fits(int count, long bytes, int groups) =>
        groups == 0 || (count <= BrokerLimits.BatchSize && bytes <= EnqueueGroup.MaxBytes);

    private void LineUp(EnqueueGroup group, long now)
    {
        Debug.Assert(gate.IsHeldByCurrentThread);
        ObjectDisposedException.ThrowIf(context.Closed.IsCancellationRequested, typeof(IQueueClient));
        group.Begin(now, (long)(context.Settings.Timeout.TotalSeconds * context.Time.TimestampFrequency));
        waiting.AddLast(group.Place);
        Arm(group.Deadline);
    }

    private void Remove(EnqueueGroup group)
    {
        waiting.Remove(group.Place);
        open = group == open ? null : open;
    }

    private EnqueueLane? ClaimIdleLane()
    {
        var idle = Array.Find(lanes, lane => !lane.IsBusy);
        if (idle is not null)
        {
            idle.IsBusy = true;
        }

        return idle;
    }

    private bool StartIdleLane()
    {
        EnqueueLane? idle;
        lock (gate)
        {
            idle = ClaimIdleLane();
        }

        idle?.Start();
        return idle is not null;
    }

    private void EndAllWaiting(EnqueueOutcome how)
    {
        foreach (var group in waiting)
        {
            group.End(how);
        }

        waiting.Clear();
        open = null;
    }

    private void Arm(long deadline)
    {
        if (!isSweepArmed)
        {
            isSweepArmed = true;
            var due = context.Time.GetElapsedTime(context.Time.GetTimestamp(), deadline);
            sweep ??= context.Time.CreateTimer(static line => ((EnqueueLine)line!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            sweep.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends the waiting of those whose time is over. One timer serves the whole line, and in good times it finds nobody.</summary>
    private void Sweep()
    {
        lock (gate)
        {
            isSweepArmed = false;
            var now = context.Time.GetTimestamp();
            foreach (var group in waiting.Where(group => group.Deadline <= now).ToList())
            {
                var fault = group.LastFault ?? lastFault;
                group.End(new(fault?.Fault == BrokerFault.Full ? EnqueueVerdict.Full : EnqueueVerdict.Unavailable, fault));
                Remove(group);
            }

            // A try without an answer may be done yet, whatever the tries before it were told. Between tries that were not applied, its groups stand in the line again.
            var sent = lanes.SelectMany(lane => lane.InFlight?.Groups ?? []).Where(group => !group.Outcome.IsCompleted).ToList();
            foreach (var group in sent.Where(group => group.Deadline <= now))
            {
                group.End(new(EnqueueVerdict.Unknown, lastFault));
            }

            var later = sent.Concat(waiting).Where(group => group.Deadline > now).Select(group => group.Deadline).DefaultIfEmpty(long.MaxValue).Min();
            if (later != long.MaxValue && !context.Closed.IsCancellationRequested)
            {
                Arm(later);
            }
        }
    }
}
