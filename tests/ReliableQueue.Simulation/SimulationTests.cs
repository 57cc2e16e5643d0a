using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int UsualSeeds = 2_000;

    [Fact]
    public void Every_invariant_holds_on_every_seed()
    {
        if (Variable("RQ_SIM_SEED") is { } one)
        {
            Demand([SimulatedQueue.Run((ulong)one)]);
            return;
        }

        var startedAt = Stopwatch.GetTimestamp();
        var seeds = (int)(Variable("RQ_SIM_SEEDS") ?? UsualSeeds);
        var outcomes = new ConcurrentBag<Outcome>();
        Parallel.For(1, seeds + 1, seed => outcomes.Add(SimulatedQueue.Run((ulong)seed)));

        var totals = outcomes.Aggregate(Totals.None, (sum, outcome) => sum + outcome.Totals);
        output.WriteLine($"{seeds} seeds in {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:F1} s: {totals}");
        Demand(outcomes);
    }

    private static void Demand(IEnumerable<Outcome> outcomes)
    {
        var failed = outcomes.Where(outcome => outcome.Report is not null).OrderBy(outcome => outcome.Seed).ToList();
        if (failed.Count > 0)
        {
            Assert.Fail($"{failed[0].Report}\nIn all {failed.Count}: {string.Join(", ", failed.Take(100).Select(outcome => $"{outcome.Seed} {outcome.Invariant}"))}");
        }
    }

    private static long? Variable(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
