using System.Globalization;

namespace ReliableQueue.FaultWorker;

/// <summary>
/// The clocks of the machine, with a wall clock that can be set. The monotonic clock and the timers know nothing of it, as on a real machine; but all of them may
/// run slow or fast, as on a machine whose quartz is bad.
/// </summary>
/// <param name="rate">How much of its own time passes in one second of the machine's.</param>
public sealed class ShiftedClock(double rate) : TimeProvider
{
    /// <summary>Followed by hours: sets the wall clock so far from the machine's.</summary>
    public const string Command = "clock";

    private readonly long start = System.GetTimestamp();
    private readonly DateTimeOffset startedAt = System.GetUtcNow();
    private long shift;

    public override DateTimeOffset GetUtcNow() => startedAt + GetElapsedTime(start) + TimeSpan.FromTicks(Interlocked.Read(ref shift));

    public override long GetTimestamp() => start + (long)((System.GetTimestamp() - start) * rate);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, OfTheMachine(dueTime), OfTheMachine(period)), this);

    internal string Obey(string command)
    {
        var by = TimeSpan.FromHours(double.Parse(command.AsSpan(Command.Length), CultureInfo.InvariantCulture));
        Interlocked.Exchange(ref shift, by.Ticks);
        return string.Create(CultureInfo.InvariantCulture, $"{Command} {GetUtcNow():O}");
    }

    private TimeSpan OfTheMachine(TimeSpan own) => own == Timeout.InfiniteTimeSpan ? own : own / rate;

    private sealed class Timer(ITimer timer, ShiftedClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.OfTheMachine(dueTime), clock.OfTheMachine(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
