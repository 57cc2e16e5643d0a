using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ReliableQueue.Working.Lease;

/// <summary>
/// Every delivery of one queue that a worker holds: how many slots they take, and what is due when. Pure: it acts on nothing, and moments are passed in. The pump adds, the settler
/// removes, the renewal thread does what has come due.
/// </summary>
/// <remarks>
/// A slot comes back when the settlement of its message has been answered, not when the handler returned: a slow broker would otherwise let a worker hold more than it may. A message whose earlier handler
/// still runs here takes a slot but is not in the table, until it was released.
/// </remarks>
internal sealed class InHand(LeaseSettings settings, TimeProvider time)
{
    // A look that renews nothing costs little; a deadline noticed late lets a handler believe in a lost lease for as long.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<MessageId, Entry> entries = [];
    private int taken;
    private int suspects;

    public LeaseSettings Settings => settings;

    /// <summary>Set whenever deliveries were removed: slots came back, and a suspect may have gone.</summary>
    public Signal Changed { get; } = new(time);

    /// <summary>How many slots are taken.</summary>
    public int Taken => Volatile.Read(ref taken);

    /// <summary>How many more messages may be leased.</summary>
    public int Free => settings.Concurrency - Taken;

    /// <summary>How many handlers ignore their token: each keeps its slot until it returns.</summary>
    public int Overrunning
    {
        get
        {
            lock (gate)
            {
                return entries.Values.Count(entry => entry.IsOverrun && !entry.Delivery.Hold.IsSettled);
            }
        }
    }

    /// <summary>Whether a suspect is held: the next one must wait. Two messages that kill their worker, or one and its victims, would otherwise meet.</summary>
    public bool HoldsSuspect => Volatile.Read(ref suspects) > 0;

    public IReadOnlyList<Delivery> All()
    {
        lock (gate)
        {
            return [.. entries.Values.Select(entry => entry.Delivery)];
        }
    }

    /// <summary>The moment until which a lease asked for at <paramref name="sentAt"/> surely holds.</summary>
    public long DeadlineOf(long sentAt) => sentAt + Ticks(settings.VisibilityTimeout - settings.Margin);

    /// <summary>Takes slots for what a lease call brought.</summary>
    public void Take(int slots) => Interlocked.Add(ref taken, slots);

    /// <summary>Takes a delivery in, whose slot is taken. False: a handler of the same message still runs here, having ignored the loss of its lease.</summary>
    public bool TryAdd(Delivery delivery, long sentAt)
    {
        lock (gate)
        {
            if (!entries.TryAdd(delivery.Id, new Entry(delivery, settings.HandlerTimeoutOf(delivery.Context.MessageType)) { RenewAt = sentAt + Ticks(settings.RenewInterval) }))
            {
                return false;
            }

            suspects += delivery.IsSuspect ? 1 : 0;
            return true;
        }
    }

    /// <summary>Whether a delivery of this message is held.</summary>
    public bool Holds(MessageId message)
    {
        lock (gate)
        {
            return entries.ContainsKey(message);
        }
    }

    /// <summary>The settlements of these were answered or given up: their slots are free.</summary>
    public void Remove(IEnumerable<Delivery> deliveries)
    {
        var count = 0;
        lock (gate)
        {
            foreach (var delivery in deliveries)
            {
                count++;
                if (!Unsafe.IsNullRef(ref EntryOf(delivery)))
                {
                    entries.Remove(delivery.Id);
                    suspects -= delivery.IsSuspect ? 1 : 0;
                }
            }
        }

        Interlocked.Add(ref taken, -count);
        Changed.Set();
    }

    /// <summary>A renewal sent at this moment was granted.</summary>
    public void Renewed(Delivery delivery, long sentAt)
    {
        delivery.Hold.Extend(DeadlineOf(sentAt));
        RenewAt(delivery, sentAt + Ticks(settings.RenewInterval));
    }

    /// <summary>A renewal was not answered: the old deadline stands, and the renewal is asked again soon.</summary>
    public void NotRenewed(Delivery delivery, long now) => RenewAt(delivery, now + Ticks(settings.RenewRetry));

    /// <summary>The broker said that the token no longer holds: asking again would get the same answer, at once and for as long as the handler runs.</summary>
    public void Lost(Delivery delivery)
    {
        lock (gate)
        {
            ref var entry = ref EntryOf(delivery);
            if (!Unsafe.IsNullRef(ref entry))
            {
                entry.IsLost = true;
            }
        }
    }

    /// <summary>What has come due by now. Each thing is reported once.</summary>
    public LeaseTick Tick(long now)
    {
        var tick = new LeaseTick(now + Ticks(LongestPause));
        lock (gate)
        {
            foreach (var id in entries.Keys)
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(entries, id);
                EndAtDeadline(ref entry, now, ref tick);
                LimitTime(ref entry, now, ref tick);
                Renew(ref entry, now, ref tick);
            }
        }

        return tick;
    }

    /// <summary>How long to wait until a tick is to be followed by the next, at least a millisecond.</summary>
    public TimeSpan PauseAfter(LeaseTick tick, long now) => time.GetElapsedTime(now, Math.Max(tick.Next, now + Ticks(TimeSpan.FromMilliseconds(1))));

    private static void EndAtDeadline(ref Entry entry, long now, ref LeaseTick tick)
    {
        if (!entry.IsLost && now >= entry.Delivery.Hold.Deadline)
        {
            entry.IsLost = true;
            tick.Expire(entry.Delivery);
        }
    }

    private void LimitTime(ref Entry entry, long now, ref LeaseTick tick)
    {
        // What a settlement takes is not the handler's time: it has returned.
        if (entry.HandlerTimeout is not { } limit || entry.IsOverrun || entry.Delivery.Hold is not { IsSettled: false, HandlerStartedAt: { } startedAt })
        {
            return;
        }

        if (entry.TimedOutAt is null && now >= startedAt + Ticks(limit))
        {
            // The grace begins now and not when the time was over: a process that was paused must not take it from a handler that was never told.
            entry.TimedOutAt = now;
            tick.TimeOut(entry.Delivery);
        }

        var end = entry.TimedOutAt is { } told ? told + Ticks(settings.HandlerGrace) : startedAt + Ticks(limit);
        if (entry.TimedOutAt < now && now >= end)
        {
            entry.IsOverrun = true;
            tick.Overrun(entry.Delivery);
            return;
        }

        tick.LookAt(end);
    }

    private void Renew(ref Entry entry, long now, ref LeaseTick tick)
    {
        if (entry is { IsLost: false, IsOverrun: false })
        {
            tick.LookAt(entry.Delivery.Hold.Deadline);
            tick.LookAt(entry.RenewAt);

            // Leases due within the next quarter of the interval are renewed as well, so that leases taken at different times end up in one call.
            if (now >= entry.RenewAt - Ticks(settings.RenewInterval / 4))
            {
                tick.Renew(entry.Delivery, isDue: now >= entry.RenewAt);
            }
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private void RenewAt(Delivery delivery, long moment)
    {
        lock (gate)
        {
            ref var entry = ref EntryOf(delivery);
            if (!Unsafe.IsNullRef(ref entry))
            {
                entry.RenewAt = moment;
            }
        }
    }

    /// <summary>A null reference when another delivery of the message is held, or none.</summary>
    private ref Entry EntryOf(Delivery delivery)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(entries, delivery.Id);
        if (Unsafe.IsNullRef(ref entry) || entry.Delivery == delivery)
        {
            return ref entry;
        }

        return ref Unsafe.NullRef<Entry>();
    }

    private struct Entry(Delivery delivery, TimeSpan? handlerTimeout)
    {
        public readonly Delivery Delivery = delivery;

        public readonly TimeSpan? HandlerTimeout = handlerTimeout;

        public long RenewAt;

        public long? TimedOutAt;

        public bool IsLost;

        public bool IsOverrun;
    }
}

/// <summary>What has come due of the held deliveries at one moment.</summary>
/// <param name="latest">The latest moment at which to look again.</param>
internal struct LeaseTick(long latest)
{
    private List<Delivery>? soon;
    private List<Delivery>? expired;
    private List<Delivery>? timedOut;
    private List<Delivery>? overrun;
    private bool isDue;

    /// <summary>Leases to renew now: none until the first of them is due.</summary>
    public readonly IReadOnlyList<Delivery> ToRenew => isDue && soon is not null ? soon : [];

    /// <summary>Leases that may have been given away: their handlers must be told before anything else is done.</summary>
    public readonly IReadOnlyList<Delivery> Expired => expired is not null ? expired : [];

    /// <summary>Handlers past their time limit.</summary>
    public readonly IReadOnlyList<Delivery> TimedOut => timedOut is not null ? timedOut : [];

    /// <summary>Handlers that ignored their token for the whole grace: no longer renewed, slot still taken.</summary>
    public readonly IReadOnlyList<Delivery> Overrunning => overrun is not null ? overrun : [];

    /// <summary>The moment at which to look again.</summary>
    public long Next { readonly get; private set; } = latest;

    public void LookAt(long moment) => Next = Math.Min(Next, moment);

    public void Renew(Delivery delivery, bool isDue)
    {
        this.isDue |= isDue;
        (soon ??= []).Add(delivery);
    }

    public void Expire(Delivery delivery) => (expired ??= []).Add(delivery);

    public void TimeOut(Delivery delivery) => (timedOut ??= []).Add(delivery);

    public void Overrun(Delivery delivery) => (overrun ??= []).Add(delivery);
}
