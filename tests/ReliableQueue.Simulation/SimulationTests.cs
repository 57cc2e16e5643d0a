using System.Diagnostics;

namespace ReliableQueue.Simulation;

/// <summary>
/// The real worker core under seeded faults. <c>RQ_SIM_SEED=n</c> runs one seed again (with what else its report printed), <c>RQ_SIM_SEEDS=n</c> runs so many,
/// <c>RQ_SIM_REPORT=path</c> writes what was found.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int UsualSeeds = 2_000;
    private const int MostShrunk = 3;
    private const int Part = 5_000;

    // Each of these failed once, for a worker or a check of that day.
    private static readonly ulong[] OnceFailed = [609, 879, 2_484, 3_537, 3_906, 14_519, 30_923, 39_477, 40_039, 40_871, 42_910, 62_248, 64_769, 76_335, 89_015, 90_030, 91_689];

    [Fact]
    public void Every_invariant_holds_on_every_seed()
    {
        if (Setup.FromEnvironment() is { } setup)
        {
            Demand([SimulatedQueue.Run(setup)], shrinks: setup is { Without.Count: 0, Messages: null, Workers: null });
            return;
        }

        var startedAt = Stopwatch.GetTimestamp();
        var seeds = (int)(Setup.Number("RQ_SIM_SEEDS") ?? UsualSeeds);
        var (totals, failed) = RunAll(OnceFailed);
        for (var done = 0; done < seeds;)
        {
            // In parts, so that of a long run that is broken off the report says how far it came.
            var part = Math.Min(Part, seeds - done);
            var (more, failedNow) = RunAll([.. Enumerable.Range(done + 1, part).Select(seed => (ulong)seed)]);
            totals += more;
            failed.AddRange(failedNow);
            done += part;
            ReleaseReport.Write(done, OnceFailed, Stopwatch.GetElapsedTime(startedAt), totals, failed);
        }

        output.WriteLine(
            $"seeds 1 to {seeds} and {OnceFailed.Length} that once failed, in {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:F1} s: {totals.ToText()}; violations {failed.Count}");
        Demand(failed, shrinks: true);
    }

    [Fact]
    public void A_failure_is_shrunk_to_a_smaller_setup_that_fails_alike_and_repeats()
    {
        var failed = Enumerable.Range(1, 200).Select(seed => SimulatedQueue.Run((ulong)seed, PlantedBug.AckWithoutFence)).First(outcome => outcome.Invariant is not null);

        var shrunk = Shrinking.Shrink(failed);

        Assert.Equal(failed.Invariant, shrunk.Invariant);
        Assert.NotEmpty(shrunk.Setup.Without);
        Assert.Equal(shrunk.Hash, SimulatedQueue.Run(shrunk.Setup).Hash);
        Assert.Contains($"Again: {shrunk.Setup}", shrunk.Report, StringComparison.Ordinal);
    }

    private static (Totals Totals, List<Outcome> Failed) RunAll(ulong[] seeds)
    {
        var (gate, totals, failed) = (new Lock(), Totals.None, new List<Outcome>());
        void Add(Totals sum, IEnumerable<Outcome> more)
        {
            lock (gate)
            {
                totals += sum;
                failed.AddRange(more);
            }
        }

        Parallel.For(
            0,
            seeds.Length,
            () => (Sum: Totals.None, Failed: new List<Outcome>()),
            (index, _, mine) =>
            {
                var outcome = SimulatedQueue.Run(seeds[index]);
                mine.Failed.AddRange(outcome.Invariant is null ? [] : [outcome]);
                return (mine.Sum + outcome.Totals, mine.Failed);
            },
            mine => Add(mine.Sum, mine.Failed));
        return (totals, failed);
    }

    private static void Demand(IEnumerable<Outcome> outcomes, bool shrinks)
    {
        var failed = outcomes.Where(outcome => outcome.Invariant is not null).OrderBy(outcome => outcome.Setup.Seed).ToList();
        if (failed.Count == 0)
        {
            return;
        }

        var smallest = failed.Take(MostShrunk).Select(outcome => shrinks ? Shrinking.Shrink(outcome) : outcome).OrderBy(outcome => outcome.Totals.Events).ToList();
        Assert.Fail(
            $"{smallest[0].Report}\nIn all {failed.Count}: {string.Join(", ", failed.Take(100).Select(outcome => $"{outcome.Setup.Seed} {outcome.Invariant}"))}\n"
            + $"Shrunk: {string.Join(" | ", smallest.Select(outcome => $"{outcome.Setup} ({outcome.Invariant})"))}");
    }
}
