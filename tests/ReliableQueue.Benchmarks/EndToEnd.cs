using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;

namespace ReliableQueue.Benchmarks;

/// <summary>The library as an application uses it: JSON, a scope per message, a handler from the container, the worker's state file on disk.</summary>
internal static class EndToEnd
{
    private const string QueueText = "bench";

    public static async Task<Rates> RunAsync(DrainPlan plan, string configuration, string prefix, RedisProbe probe)
    {
        probe.Clear();
        var folder = Directory.CreateTempSubdirectory("rq-bench-");
        try
        {
            var tally = new Tally(plan.Messages);
            using var host = Build(plan, configuration, prefix, Path.Combine(folder.FullName, "worker.db"), tally);
            var cpu = probe.ProcessorMicroseconds();
            var (enqueued, enqueueBytes) = await MeasureAsync(() => EnqueueAsync(plan, host));
            var client = Environment.CpuUsage.TotalTime;
            var (drained, drainBytes) = await MeasureAsync(() => DrainAsync(host, tally));
            client = Environment.CpuUsage.TotalTime - client;
            var server = probe.ProcessorMicroseconds() - cpu;
            await host.StopAsync();
            probe.MustBeEmpty();
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
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IHost Build(DrainPlan plan, string configuration, string prefix, string stateFile, Tally tally)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.Services.AddSingleton(tally);
        builder.Services.AddReliableWorker(worker => worker
            .UseBroker(_ => RedisBroker.Open(new RedisBrokerOptions { Configuration = configuration, Prefix = prefix }))
            .StateFile(stateFile)
            .AddJsonContext(NumberedContext.Default)
            .AddHandler<Numbered, NumberedHandler>(QueueText, queue => queue.Concurrency = plan.Concurrency));
        return builder.Build();
    }

    private static async Task EnqueueAsync(DrainPlan plan, IHost host)
    {
        var client = host.Services.GetRequiredService<IQueueClient>();
        var messages = Enumerable.Range(0, plan.Messages).Select(number => new Numbered(number, Numbered.Hundred));
        var options = new ParallelOptions { MaxDegreeOfParallelism = DrainPlan.EnqueueCalls };
        await Parallel.ForEachAsync(messages.Chunk(DrainPlan.EnqueueChunk), options, async (part, stop) =>
            await client.EnqueueManyAsync(QueueText, part, cancellationToken: stop));
    }

    private static async Task DrainAsync(IHost host, Tally tally)
    {
        var broker = host.Services.GetRequiredService<IQueueBroker>();
        await host.StartAsync();
        await tally.Complete;
        while (await broker.Admin.GetStatisticsAsync(QueueName.Parse(QueueText), CancellationToken.None) is { Leased: > 0 })
        {
        }
    }

    private static async Task<(double Seconds, double Bytes)> MeasureAsync(Func<Task> work)
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        await work();
        return (clock.Elapsed.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true) - bytes);
    }
}
