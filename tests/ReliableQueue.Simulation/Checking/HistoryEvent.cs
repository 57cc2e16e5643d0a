using System.Globalization;

namespace ReliableQueue.Simulation.Checking;

/// <summary>One thing that happened.</summary>
/// <param name="At">When, in ticks of the loop.</param>
/// <param name="What">What.</param>
/// <param name="Run">Of which run of a worker; 0: of none.</param>
/// <param name="Message">To which message, counted from 1; 0: to none.</param>
/// <param name="Fence">Under which lease.</param>
/// <param name="Number">A count: of deliveries, of workers, of seconds.</param>
/// <param name="Detail">The rest.</param>
internal readonly record struct HistoryEvent(long At, What What, int Run, int Message, long Fence, int Number, object? Detail)
{
    /// <summary>As part of the hash of a history: what must be the same when a seed is run again.</summary>
    public ulong Hash()
    {
        var hash = 14695981039346656037UL;
        foreach (var part in (ReadOnlySpan<long>)[At, (long)What, Run, Message, Fence, Number])
        {
            hash = (hash ^ (ulong)part) * 1099511628211UL;
        }

        return hash;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{TimeSpan.FromTicks(At - TimeSpan.FromDays(3).Ticks).TotalSeconds,10:F4}  {What,-19} run {Run,-3} message {Message,-3} fence {Fence % 1_000_000_000,-9} {Number,-3} {Detail}");
}
