using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>Reads the memory of one long-lived process again and again.</summary>
internal sealed class MemoryWatch(Member member, TimeSpan length, Journal journal)
{
    private const double WarmUp = 0.2;
    private const double Last = 0.2;

    private readonly List<(double Part, MemoryReading Reading)> readings = [];

    public string Name => member.Name;

    /// <summary>Median after the warm-up: between a fifth and two fifths of the run.</summary>
    public MemoryReading First => Median(WarmUp, WarmUp + Last);

    /// <summary>Median of the last fifth.</summary>
    public MemoryReading End => Median(1 - Last, 1);

    /// <summary>Growth of the managed heap after full collections, in percent.</summary>
    public double Drift => 100.0 * (End.ManagedBytes - First.ManagedBytes) / First.ManagedBytes;

    public double ResidentDrift => 100.0 * (End.ResidentBytes - First.ResidentBytes) / First.ResidentBytes;

    public int Count => readings.Count;

    public async Task RunAsync(CancellationToken stop)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var pause = length / 150 is var part && part > TimeSpan.FromSeconds(2) ? part : TimeSpan.FromSeconds(2);
        while (!stop.IsCancellationRequested)
        {
            var reading = MemoryReading.Parse(await member.AskAsync(MemoryReading.Command, MemoryReading.Command + " "));
            readings.Add((clock.Elapsed / length, reading));
            journal.Write($"{member.Name}: {reading}");
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private MemoryReading Median(double from, double to)
    {
        var within = readings.Where(reading => reading.Part >= from && reading.Part <= to).Select(reading => reading.Reading).ToList();
        return within.Count == 0
            ? new MemoryReading(1, 1, 0, 0)
            : new MemoryReading(
                Middle(within.Select(reading => reading.ManagedBytes)),
                Middle(within.Select(reading => reading.ResidentBytes)),
                (int)Middle(within.Select(reading => (long)reading.Handles)),
                (int)Middle(within.Select(reading => (long)reading.Threads)));
    }

    private static long Middle(IEnumerable<long> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
