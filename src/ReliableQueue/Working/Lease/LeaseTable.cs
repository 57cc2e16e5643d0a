namespace ReliableQueue.Working.Lease;

/// <summary>
/// Every delivery a worker has in hand on one queue, with what is due when: a pure table on timestamps that are passed in. The renewal thread acts on it; the pump
/// adds and the settler removes.
/// </summary>
internal sealed class LeaseTable(LeaseSettings settings, TimeProvider time)
{
    // A look that renews nothing costs little; a deadline noticed late lets a handler believe in a lost lease for as long.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Dictionary<MessageId, Entry> entries = [];
    private int suspects;

    /// <summary>Called when a suspect was settled: the next one, which was passed over until now, may be leased.</summary>
    public event Action? SuspectGone;

    public LeaseSettings Settings => settings;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

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

    /// <summary>Whether a suspect is in hand: the next one must wait, lest two killers or a killer and its victims meet.</summary>
    public bool HoldsSuspect
    {
        get
        {
            lock (gate)
            {
                return suspects > 0;
            }
        }
    }

    /// <summary>The moment until which a lease asked for at <paramref name="sentAt"/> surely holds.</summary>
    public long DeadlineOf(long sentAt) => sentAt + Ticks(settings.VisibilityTimeout - settings.Margin);

    /// <summary>Takes a delivery in. False: a handler of the same message still runs here, having ignored the loss of its lease.</summary>
    public bool TryAdd(Delivery delivery, long sentAt)
    {
        lock (gate)
        {
            if (!entries.TryAdd(delivery.Id, new Entry(delivery) { RenewAt = sentAt + Ticks(settings.RenewInterval) }))
            {
                return false;
            }

            suspects += delivery.IsSuspect ? 1 : 0;
            return true;
        }
    }

    public void Remove(Delivery delivery)
    {
        lock (gate)
        {
            if (EntryOf(delivery) is null)
            {
                return;
            }

            entries.Remove(delivery.Id);
            suspects -= delivery.IsSuspect ? 1 : 0;
        }

        if (delivery.IsSuspect)
        {
            SuspectGone?.Invoke();
        }
    }

    public IReadOnlyList<Delivery> All()
    {
        lock (gate)
        {
            return [.. entries.Values.Select(entry => entry.Delivery)];
        }
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
            if (EntryOf(delivery) is { } entry)
            {
                entry.IsLost = true;
            }
        }
    }

    public LeaseTick Tick(long now)
    {
        List<Delivery>? renew = null, expired = null, timedOut = null, overrun = null;
        var (next, soonest) = (now + Ticks(LongestPause), long.MaxValue);

        // What is due soon is renewed with what is due: leases taken one by one would else be renewed one by one for as long as their handlers run.
        var company = Ticks(settings.RenewInterval / 4);
        lock (gate)
        {
            foreach (var entry in entries.Values)
            {
                if (!entry.IsLost && now >= entry.Delivery.Hold.Deadline)
                {
                    entry.IsLost = true;
                    (expired ??= []).Add(entry.Delivery);
                }

                // What a settlement takes is not the handler's time: it has returned.
                if (!entry.IsOverrun && !entry.Delivery.Hold.IsSettled && TimeoutOf(entry) is { } timeout)
                {
                    if (now < timeout)
                    {
                        next = Math.Min(next, timeout);
                    }
                    else if (entry.TimedOutAt is null)
                    {
                        // The grace begins now and not when the time was over: a process that was paused must not take it from a handler that was never told.
                        entry.TimedOutAt = now;
                        (timedOut ??= []).Add(entry.Delivery);
                        next = Math.Min(next, now + Ticks(settings.HandlerGrace));
                    }
                    else
                    {
                        entry.IsOverrun = true;
                        (overrun ??= []).Add(entry.Delivery);
                    }
                }

                if (entry is { IsLost: false, IsOverrun: false })
                {
                    if (now >= entry.RenewAt - company)
                    {
                        (renew ??= []).Add(entry.Delivery);
                    }

                    soonest = Math.Min(soonest, entry.RenewAt);
                    next = Math.Min(next, entry.Delivery.Hold.Deadline);
                }
            }
        }

        if (now < soonest)
        {
            renew = null;
        }

        next = Math.Min(next, soonest);
        var pause = time.GetElapsedTime(now, Math.Max(next, now + Ticks(TimeSpan.FromMilliseconds(1))));
        return new LeaseTick(renew ?? [], expired ?? [], timedOut ?? [], overrun ?? [], pause);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private void RenewAt(Delivery delivery, long moment)
    {
        lock (gate)
        {
            if (EntryOf(delivery) is { } entry)
            {
                entry.RenewAt = moment;
            }
        }
    }

    /// <summary>When the handler's time is over, or, once it was told so, its grace; null when it is not limited or not started.</summary>
    private long? TimeoutOf(Entry entry) => settings.HandlerTimeout is not { } limit ? null
        : entry.TimedOutAt is { } told ? told + Ticks(settings.HandlerGrace)
        : entry.Delivery.Hold.HandlerStartedAt + Ticks(limit);

    /// <summary>Null when another delivery of the message is in hand, or none.</summary>
    private Entry? EntryOf(Delivery delivery) => entries.TryGetValue(delivery.Id, out var entry) && entry.Delivery == delivery ? entry : null;

    private sealed class Entry(Delivery delivery)
    {
        public Delivery Delivery { get; } = delivery;

        public long RenewAt { get; set; }

        public bool IsLost { get; set; }

        public long? TimedOutAt { get; set; }

        public bool IsOverrun { get; set; }
    }
}
