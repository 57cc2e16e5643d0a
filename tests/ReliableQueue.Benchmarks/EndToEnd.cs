using System.Diagnostics;

namespace ReliableQueue.Benchmarks;

/// <summary>Enqueue and drain through the library.</summary>
internal static class EndToEnd
{
    public static async Task<Rates> RunAsync(DrainPlan plan, Store store)
    {
        store.Clear();
        var tally = new Tally(plan.Messages);
        using var host = new BenchHost(store, plan.Concurrency, tally);
        var cpu = store.ProcessorMicroseconds();
        var (enqueued, enqueueBytes) = await MeasureAsync(() => EnqueueAsync(plan, host));
        var client = Environment.CpuUsage.TotalTime;
        var (drained, drainBytes) = await MeasureAsync(() => DrainAsync(host, tally));
        client = Environment.CpuUsage.TotalTime - client;
        var server = store.ProcessorMicroseconds() - cpu;
        await host.StopAsync();
        store.Probe?.MustBeEmpty();
        return tally.IsEachOnce
            ? new Rates(
                plan.Messages / enqueued,
                plan.Messages / drained,
                server / plan.Messages,
                client.TotalMicroseconds / plan.Messages,
                enqueueBytes / plan.Messages,
                drainBytes / plan.Messages)
            : throw new InvalidOperationException("A message was handled more than once.");
    }

    private static async Task EnqueueAsync(DrainPlan plan, BenchHost host)
    {
        var messages = Enumerable.Range(0, plan.Messages).Select(number => new Numbered(number, Numbered.Hundred));
        var options = new ParallelOptions { MaxDegreeOfParallelism = DrainPlan.EnqueueCalls };
        await Parallel.ForEachAsync(messages.Chunk(DrainPlan.EnqueueChunk), options, async (part, stop) =>
            await host.Client.EnqueueManyAsync(BenchHost.Queue, part, cancellationToken: stop));
    }

    private static async Task DrainAsync(BenchHost host, Tally tally)
    {
        await host.StartAsync();
        await tally.Complete;
        await host.DrainedAsync();
    }

    private static async Task<(double Seconds, double Bytes)> MeasureAsync(Func<Task> work)
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        await work();
        return (clock.Elapsed.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true) - bytes);
    }
}
