using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.Benchmarks;

/// <summary>How soon a message is with its handler: by an idle worker, under little load, and close to the most that goes through.</summary>
internal static class LatencyBenchmark
{
    private const string Table = "enqueue to handler";
    private const int Callers = 64;
    private const int Concurrency = 64;

    /// <summary>Measures into a sheet.</summary>
    /// <param name="store">The broker.</param>
    /// <param name="length">How long each flow lasts.</param>
    /// <param name="wakeUps">How many messages meet an idle worker.</param>
    /// <param name="sheet">Takes the figures.</param>
    public static async Task RunAsync(Store store, TimeSpan length, int wakeUps, Sheet sheet)
    {
        store.Clear();
        var arrivals = new ArrivalTimes();
        using var host = new BenchHost(store, Concurrency, arrivals);
        await host.StartAsync();

        // Warms the compiler up and is thrown away.
        await FlowAsync(host, arrivals, 500, TimeSpan.FromSeconds(2));
        var (whole, wakeUp) = await WakeAsync(host, arrivals, wakeUps);
        whole.AddTo(sheet, Table, "an idle worker");
        wakeUp.AddTo(sheet, Table, "an idle worker, once the message is stored");
        (await FlowAsync(host, arrivals, 20, length)).AddTo(sheet, Table, "20 a second");
        var peak = await PeakAsync(host, arrivals, length);
        foreach (var part in (double[])[0.1, 0.5, 0.8])
        {
            (await FlowAsync(host, arrivals, part * peak, length)).AddTo(sheet, Table, string.Create(CultureInfo.InvariantCulture, $"{part:P0} of peak, {part * peak:N0} a second"));
        }

        await host.DrainedAsync();
        await host.StopAsync();
        sheet.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"From the call of `EnqueueAsync` to the entry of the handler. Peak: {peak:N0} messages a second through one process that enqueues by {Callers} callers, each of which awaits its message, and handles at the same time. Once the message is stored: from when `EnqueueAsync` has returned."));
    }

    // The pauses differ, so that the messages do not meet the worker's looks always in the same phase.
    private static async Task<(Percentiles Whole, Percentiles WakeUp)> WakeAsync(BenchHost host, ArrivalTimes arrivals, int wakeUps)
    {
        List<double> whole = [];
        List<double> wakeUp = [];
        for (var number = 0; number < wakeUps; number++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1_200 + (number * 371 % 1_000)), TimeProvider.System);
            var flow = arrivals.Begin(1);
            flow.Sent(0);
            await host.EnqueueAsync(0);
            var stored = Stopwatch.GetTimestamp();
            await flow.Complete;
            whole.Add(flow.Times.At(1));
            wakeUp.Add(Math.Max(0, Stopwatch.GetElapsedTime(stored, flow.LastEntry).TotalMicroseconds));
        }

        return (new Percentiles(whole), new Percentiles(wakeUp));
    }

    /// <summary>An open loop: messages are sent when they are due, whether the earlier ones were handled or not.</summary>
    private static async Task<Percentiles> FlowAsync(BenchHost host, ArrivalTimes arrivals, double perSecond, TimeSpan length)
    {
        var flow = arrivals.Begin((int)(perSecond * length.TotalSeconds));
        var total = (int)(perSecond * length.TotalSeconds);
        List<Task> enqueuing = new(total);
        var clock = Stopwatch.StartNew();
        while (enqueuing.Count < total)
        {
            for (var due = Math.Min(total, (int)(clock.Elapsed.TotalSeconds * perSecond) + 1); enqueuing.Count < due;)
            {
                flow.Sent(enqueuing.Count);
                enqueuing.Add(host.EnqueueAsync(enqueuing.Count));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        await Task.WhenAll(enqueuing);
        await flow.Complete;
        return flow.Times;
    }

    private static async Task<double> PeakAsync(BenchHost host, ArrivalTimes arrivals, TimeSpan length)
    {
        // Messages beyond the first million are not needed to know the rate.
        const int Most = 1_000_000;
        var flow = arrivals.Begin(Most);
        var sent = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < length && Interlocked.Increment(ref sent) is var number and <= Most)
            {
                flow.Sent(number - 1);
                await host.EnqueueAsync(number - 1);
            }
        })));
        await host.DrainedAsync();
        return Math.Min(sent, Most) / clock.Elapsed.TotalSeconds;
    }
}
