using System.Collections.Concurrent;
using System.Diagnostics;

namespace ReliableQueue.Simulation;

/// <summary>Proves the checker: every mistake made on purpose is found, or the simulation that found nothing proves nothing.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const ulong MostSeeds = 40_000;

    [Fact]
    public void Every_planted_bug_is_found()
    {
        var found = new ConcurrentDictionary<PlantedBug, (string Row, string Text)>();
        var bugs = Enum.GetValues<PlantedBug>().Where(bug => bug != PlantedBug.None).ToList();
        Parallel.ForEach(Partitioner.Create(bugs, EnumerablePartitionerOptions.NoBuffering), bug => found[bug] = Find(bug));

        foreach (var bug in bugs)
        {
            output.WriteLine($"{bug,-40} {found[bug].Text}");
        }

        ReleaseReport.Write([.. bugs.Select(bug => (bug, found[bug].Row))]);
        Assert.DoesNotContain(bugs, bug => found[bug].Row.Length == 0);
    }

    private static (string Row, string Text) Find(PlantedBug bug)
    {
        var startedAt = Stopwatch.GetTimestamp();
        for (ulong seed = 1; seed <= MostSeeds; seed++)
        {
            if (SimulatedQueue.Run(seed, bug) is { Invariant: { } invariant })
            {
                return ($"{seed} | {invariant}", $"seed {seed,-5} by {invariant,-12} in {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:F1} s");
            }
        }

        return ("", "");
    }
}
