using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>
/// The messages of one queue that wait to be sent, and the calls that are on their way, one per lane. An idle lane takes what waits at once; while all lanes have a call in flight, messages gather and
/// go with the next call: no timer delays anybody, and the busier it is, the larger the calls. Pure: data and its lock; moments are passed in, as timestamps of one clock.
/// </summary>
/// <param name="timeout">How long a caller waits at most.</param>
internal sealed class Outbox(long timeout)
{
    public const int Lanes = 4;

    private readonly Lock gate = new();
    private readonly LinkedList<EnqueueGroup> waiting = [];
    private readonly EnqueueCall?[] inFlight = new EnqueueCall?[Lanes];
    private readonly bool[] isBusy = new bool[Lanes];
    private EnqueueGroup? open;
    private BrokerException? lastError;
    private bool isSweepArranged;
    private bool isClosed;

    /// <summary>Adds one message, to a group it shares with others.</summary>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public Added Add(NewMessage message, long now)
    {
        lock (gate)
        {
            if (open is null || !open.Accepts(message.Envelope.Length, now))
            {
                Append(open = new EnqueueGroup(), now);
            }

            return new Added(open, open.Add(message), TryClaimLane(), ArrangeSweep(open.Deadline));
        }
    }

    /// <summary>Adds the groups of one call of the user.</summary>
    /// <returns>As <see cref="Added.SweepAt"/>.</returns>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public long? Add(IReadOnlyList<EnqueueGroup> groups, long now)
    {
        lock (gate)
        {
            foreach (var group in groups)
            {
                Append(group, now);
            }

            open = null;
            return groups.Count == 0 ? null : ArrangeSweep(groups[0].Deadline);
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

    /// <summary>Claims a lane that has nothing to do, for who goes on to work it until <see cref="Take"/> gives nothing; null when all are busy, or nothing waits.</summary>
    public int? ClaimLane()
    {
        lock (gate)
        {
            return waiting.Count == 0 ? null : TryClaimLane();
        }
    }

    /// <summary>What the lane sends next; null when nothing waits, and then the lane is free.</summary>
    public EnqueueCall? Take(int lane)
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                isBusy[lane] = false;
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
            return inFlight[lane] = new EnqueueCall(groups, messages);
        }
    }

    /// <summary>Puts back a call that was certainly not applied: its messages are the first to go again, and its callers may withdraw them.</summary>
    public void PutBack(int lane, EnqueueCall call, BrokerException? error)
    {
        lock (gate)
        {
            inFlight[lane] = null;
            lastError = error;
            foreach (var group in call.Groups.Reverse().Where(group => !group.Outcome.IsCompleted))
            {
                group.LastError = error;
                waiting.AddFirst(group.Place);
            }

            EndIfClosed();
        }
    }

    /// <summary>Keeps what the broker failed with last, for callers whose time runs out before it says anything else.</summary>
    public void Note(BrokerException error)
    {
        lock (gate)
        {
            lastError = error;
        }
    }

    /// <summary>Answers the callers of a call.</summary>
    public void End(int lane, EnqueueCall call, EnqueueOutcome how)
    {
        lock (gate)
        {
            inFlight[lane] = null;
            lastError = how.Verdict == EnqueueVerdict.Enqueued ? null : how.Error;
        }

        call.End(how);
    }

    /// <summary>Ends the waiting of those whose time is over. One sweep at a time is arranged for the whole outbox, and in good times it finds nobody.</summary>
    /// <returns>As <see cref="Added.SweepAt"/>.</returns>
    public long? Sweep(long now)
    {
        lock (gate)
        {
            isSweepArranged = false;
            foreach (var group in waiting.Where(group => group.Deadline <= now).ToList())
            {
                var error = group.LastError ?? lastError;
                group.End(new(error?.Fault == BrokerFault.Full ? EnqueueVerdict.Full : EnqueueVerdict.Unavailable, error));
                Remove(group);
            }

            // A call that got no answer may still be executed. Its callers get Unknown at their deadline, even if an earlier try of the same call failed for certain.
            foreach (var group in Sent().Where(group => group.Deadline <= now).ToList())
            {
                group.End(new(EnqueueVerdict.Unknown, lastError));
            }

            var next = waiting.Concat(Sent()).Select(group => group.Deadline).DefaultIfEmpty(long.MaxValue).Min();
            return next == long.MaxValue ? null : ArrangeSweep(next);
        }
    }

    /// <summary>Takes nothing more, and tells all who wait what is certain: what was not sent by now never is.</summary>
    public void Close()
    {
        lock (gate)
        {
            isClosed = true;
            EndIfClosed();
        }
    }

    /// <summary>Tells the callers of calls on their way that nobody will learn what became of them.</summary>
    public void GiveUp()
    {
        lock (gate)
        {
            Array.ForEach(inFlight, call => call?.End(new(EnqueueVerdict.Unknown, lastError)));
        }
    }

    private static bool Fits(int count, long bytes, int groups) =>
        groups == 0 || (count <= BrokerLimits.BatchSize && bytes <= EnqueueGroup.MaxBytes);

    private void Append(EnqueueGroup group, long now)
    {
        ObjectDisposedException.ThrowIf(isClosed, typeof(IQueueClient));
        group.Begin(now, timeout);
        waiting.AddLast(group.Place);
    }

    private void Remove(EnqueueGroup group)
    {
        waiting.Remove(group.Place);
        open = group == open ? null : open;
    }

    private IEnumerable<EnqueueGroup> Sent() => inFlight.SelectMany(call => call?.Groups ?? []).Where(group => !group.Outcome.IsCompleted);

    private int? TryClaimLane()
    {
        var lane = Array.IndexOf(isBusy, false);
        if (lane < 0)
        {
            return null;
        }

        isBusy[lane] = true;
        return lane;
    }

    private long? ArrangeSweep(long moment)
    {
        if (isSweepArranged || isClosed)
        {
            return null;
        }

        isSweepArranged = true;
        return moment;
    }

    private void EndIfClosed()
    {
        if (!isClosed)
        {
            return;
        }

        foreach (var group in waiting)
        {
            group.End(new(EnqueueVerdict.Disposed));
        }

        waiting.Clear();
        open = null;
    }
}

/// <summary>A message that was added to an <see cref="Outbox"/>.</summary>
/// <param name="Group">The group it shares with others.</param>
/// <param name="Position">Its place in the group, which withdraws it.</param>
/// <param name="Lane">The lane to set to work; null when all are at work.</param>
/// <param name="SweepAt">When to call <see cref="Outbox.Sweep"/>; null when that is arranged already.</param>
internal readonly record struct Added(EnqueueGroup Group, int Position, int? Lane, long? SweepAt);
