using System.Diagnostics;

namespace ReliableQueue.Benchmarks;

/// <summary>Callers that await each message before they enqueue the next, as requests of a web server do. No worker runs.</summary>
internal static class SingleBenchmark
{
    private const string Table = "enqueue, one awaited call each";

    /// <summary>Measures into a sheet.</summary>
    /// <param name="store">The broker.</param>
    /// <param name="length">How long each measurement lasts.</param>
    /// <param name="runs">How often it is repeated, in turn; medians are kept.</param>
    /// <param name="sheet">Takes the figures.</param>
    public static async Task RunAsync(Store store, TimeSpan length, int runs, Sheet sheet)
    {
        (int Callers, string Name, List<(double Rate, Percentiles Times)> Runs)[] crowds = [(1, "one caller", []), (64, "64 callers", [])];
        for (var run = 0; run <= runs; run++)
        {
            foreach (var crowd in crowds)
            {
                var measured = await MeasureAsync(store, crowd.Callers, run == 0 ? TimeSpan.FromSeconds(1) : length);
                if (run > 0)
                {
                    crowd.Runs.Add(measured);
                }
            }
        }

        foreach (var crowd in crowds)
        {
            var (rate, times) = crowd.Runs.OrderBy(run => run.Rate).ElementAt(crowd.Runs.Count / 2);
            sheet.Add(Table, crowd.Name, "per second", rate);
            times.AddTo(sheet, Table, crowd.Name);
        }
    }

    private static async Task<(double Rate, Percentiles Times)> MeasureAsync(Store store, int callers, TimeSpan length)
    {
        store.Clear();
        using var host = new BenchHost(store, 1, new ArrivalTimes());
        await host.EnqueueAsync(0);
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(host, clock, length))));
        var elapsed = clock.Elapsed;
        store.Clear();
        return (times.Sum(caller => caller.Count) / elapsed.TotalSeconds, new Percentiles(times.SelectMany(caller => caller)));
    }

    private static async Task<List<double>> CallAsync(BenchHost host, Stopwatch clock, TimeSpan length)
    {
        List<double> times = [];
        while (clock.Elapsed < length)
        {
            var start = Stopwatch.GetTimestamp();
            await host.EnqueueAsync(times.Count);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return times;
    }
}
