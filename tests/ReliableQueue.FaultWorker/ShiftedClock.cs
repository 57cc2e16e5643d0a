using System.Globalization;

namespace ReliableQueue.FaultWorker;

/// <summary>The clocks of the machine, with a wall clock that can be set. The monotonic clock and the timers know nothing of it, as on a real machine.</summary>
public sealed class ShiftedClock : TimeProvider
{
    /// <summary>Followed by hours: sets the wall clock so far from the machine's.</summary>
    public const string Command = "clock";

    private long shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref shift));

    internal string Obey(string command)
    {
        var by = TimeSpan.FromHours(double.Parse(command.AsSpan(Command.Length), CultureInfo.InvariantCulture));
        Interlocked.Exchange(ref shift, by.Ticks);
        return string.Create(CultureInfo.InvariantCulture, $"{Command} {GetUtcNow():O}");
    }
}
