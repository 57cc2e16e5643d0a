namespace ReliableQueue.TestKit;

/// <summary>
/// A clock that moves only when told. Timers fire in order of due time, then of creation, on the thread that advances. Drives Task.Delay, WaitAsync,
/// PeriodicTimer and cancellation sources through their TimeProvider overloads.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<(long Due, long Order), VirtualTimer> timers = [];
    private long now = TimeSpan.FromDays(3).Ticks;
    private long wall = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;
    private long order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait. A test that ends with some has leaked them.</summary>
    public int PendingTimers
    {
        get
        {
            lock (gate)
            {
                return timers.Count;
            }
        }
    }

    /// <summary>How long until the next timer is due; null when none waits.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (gate)
            {
                return timers.Count == 0 ? null : TimeSpan.FromTicks(Math.Max(0, timers.Keys.First().Due - now));
            }
        }
    }

    public override long GetTimestamp() => Interlocked.Read(ref now);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref wall), TimeSpan.Zero);

    /// <summary>Moves only the wall clock, as an administrator or a leap would.</summary>
    public void JumpWall(TimeSpan by) => Interlocked.Add(ref wall, by.Ticks);

    /// <summary>Moves both clocks, firing what comes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var end = GetTimestamp() + by.Ticks;
        while (TakeDue(end) is { } timer)
        {
            timer.Fire();
        }

        MoveTo(end);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private VirtualTimer? TakeDue(long end)
    {
        lock (gate)
        {
            if (timers.Count == 0)
            {
                return null;
            }

            var (key, timer) = timers.First();
            if (key.Due > end)
            {
                return null;
            }

            timers.Remove(key);
            timer.Key = null;
            MoveTo(Math.Max(now, key.Due));
            if (timer.Period is { } period)
            {
                Arm(timer, period);
            }

            return timer;
        }
    }

    private void MoveTo(long moment)
    {
        lock (gate)
        {
            wall += moment - now;
            now = moment;
        }
    }

    private void Arm(VirtualTimer timer, TimeSpan due)
    {
        var key = (now + due.Ticks, ++order);
        timers.Add(key, timer);
        timer.Key = key;
    }

    private sealed class VirtualTimer(VirtualTime owner, TimerCallback callback, object? state) : ITimer
    {
        public (long Due, long Order)? Key { get; set; }

        public TimeSpan? Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner.gate)
            {
                Disarm();
                Period = period > TimeSpan.Zero ? period : null;
                if (dueTime >= TimeSpan.Zero)
                {
                    owner.Arm(this, dueTime);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (owner.gate)
            {
                Disarm();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Disarm()
        {
            if (Key is { } key)
            {
                owner.timers.Remove(key);
                Key = null;
            }
        }
    }
}
