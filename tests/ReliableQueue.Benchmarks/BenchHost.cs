using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;

namespace ReliableQueue.Benchmarks;

/// <summary>The library as an application uses it: JSON, a scope per message, a handler from the container, the worker's state file on disk.</summary>
internal sealed class BenchHost : IDisposable
{
    public const string Queue = "bench";

    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rq-bench-");
    private readonly IHost host;

    public BenchHost(Store store, int concurrency, IArrivals arrivals)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.Services.AddSingleton(arrivals);
        builder.Services.AddReliableWorker(worker => worker
            .UseBroker(_ => store.Open())
            .StateFile(Path.Combine(folder.FullName, "worker.db"))
            .AddJsonContext(NumberedContext.Default)
            .AddHandler<Numbered, NumberedHandler>(Queue, queue => queue.Concurrency = concurrency));
        host = builder.Build();
    }

    public IQueueClient Client => host.Services.GetRequiredService<IQueueClient>();

    /// <summary>Enqueues one message and returns when it is acknowledged.</summary>
    public Task EnqueueAsync(int number) => Client.EnqueueAsync(Queue, new Numbered(number, Numbered.Hundred));

    /// <summary>Starts the worker.</summary>
    public Task StartAsync() => host.StartAsync();

    public Task StopAsync() => host.StopAsync();

    /// <summary>Waits until the last ack was answered and nothing is left in the queue; a message that does not go away throws, because what left it behind has no rate.</summary>
    public async Task DrainedAsync()
    {
        var admin = host.Services.GetRequiredService<IQueueBroker>().Admin;
        var clock = Stopwatch.StartNew();
        QueueStatistics statistics;
        do
        {
            statistics = await admin.GetStatisticsAsync(QueueName.Parse(Queue), CancellationToken.None);
            if (statistics.DeadLettered > 0 || clock.Elapsed > LongestDrain)
            {
                throw new InvalidOperationException($"The queue is not empty: {statistics}.");
            }
        }
        while (statistics is not { Ready: 0, Scheduled: 0, Leased: 0 });
    }

    public void Dispose()
    {
        host.Dispose();
        folder.Delete(recursive: true);
    }
}
