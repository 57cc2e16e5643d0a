namespace ReliableQueue.Simulation.World;

/// <summary>The clocks of one machine: a monotonic one that may run a little fast or slow, and a wall clock that somebody may set.</summary>
internal sealed class ProcessClock(EventLoop loop, Process process, int partsPerMillion) : TimeProvider
{
    private const double Million = 1_000_000;

    private static readonly long Epoch = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks - TimeSpan.FromDays(3).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>By how much the wall clock is wrong.</summary>
    public long WallOffset { get; set; }

    /// <summary>Timers that wait. A process that has stopped with some has leaked them.</summary>
    public int PendingTimers { get; private set; }

    public override long GetTimestamp() => (long)(loop.Now * (1 + (partsPerMillion / Million)));

    public override DateTimeOffset GetUtcNow() => new(Epoch + loop.Now + WallOffset, TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period > TimeSpan.Zero)
        {
            throw new NotSupportedException("Nothing in the worker core repeats by itself.");
        }

        var timer = new ProcessTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private Occurrence After(TimeSpan due, Action action) =>
        process.After(TimeSpan.FromTicks((long)(due.Ticks * Million / (Million + partsPerMillion)) + 1), action);

    private sealed class ProcessTimer(ProcessClock clock, Action action) : ITimer
    {
        private Occurrence? armed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            if (dueTime >= TimeSpan.Zero)
            {
                clock.PendingTimers++;
                armed = clock.After(dueTime, Fire);
            }

            return true;
        }

        public void Dispose()
        {
            if (armed is not null)
            {
                clock.PendingTimers--;
                armed.CallOff();
                armed = null;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            if (armed is not null)
            {
                clock.PendingTimers--;
                armed = null;
                action();
            }
        }
    }
}
