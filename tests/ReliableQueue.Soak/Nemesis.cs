using System.Diagnostics;

namespace ReliableQueue.Soak;

/// <summary>Makes one fault after the other, drawn from a list, at a pace.</summary>
/// <remarks>It runs next to another one of other faults: a process dies while the network is cut too.</remarks>
internal sealed class Nemesis(string name, IReadOnlyList<Fault> faults, int seed, TimeSpan pace, Journal journal)
{
    private readonly Random random = new(seed);
    private readonly Dictionary<string, int> made = new(StringComparer.Ordinal);

    /// <summary>How often each was made.</summary>
    public IReadOnlyDictionary<string, int> Made => made;

    public int Total { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        for (var due = TimeSpan.Zero; !stop.IsCancellationRequested; due += pace)
        {
            var fault = Draw();
            journal.Write($"{name}: {fault.Name}");
            await fault.StrikeAsync(random);
            made[fault.Name] = made.GetValueOrDefault(fault.Name) + 1;
            Total++;

            // One that took longer than its turn is followed at once, so that the number comes out right.
            if (due + pace - clock.Elapsed is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Fault Draw()
    {
        var left = random.Next(faults.Sum(fault => fault.Weight));
        return faults.First(fault => (left -= fault.Weight) < 0);
    }
}
