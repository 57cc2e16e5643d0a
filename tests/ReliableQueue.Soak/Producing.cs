using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>The program of a producer: a process of its own, so that its memory is that of a producer and of nothing else.</summary>
internal static class Producing
{
    /// <summary>Short enough that outages of a few seconds show as failures too, and not only as delays.</summary>
    private static readonly TimeSpan EnqueueTimeout = TimeSpan.FromSeconds(4);

    public static async Task RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddHealthChecks().AddReliableQueue();
        builder.Services.AddReliableQueue(queue => queue
            .Use(builder.Configuration["Broker"])
            .ConfigureMessages(messages => messages.EnqueueTimeout = EnqueueTimeout));
        builder.Services.AddSingleton(services => new Producer(
            services.GetRequiredService<IQueueClient>(),
            new OrderMix(Number("Seed")),
            builder.Configuration["History"] ?? throw new InvalidOperationException("History: the file to write."),
            Number("Rate")));
        builder.Services.AddHostedService(services => services.GetRequiredService<Producer>());
        builder.Services.AddHostedService<ProducerCommands>();
        using var host = builder.Build();
        await host.RunAsync();

        int Number(string key) => int.Parse(builder.Configuration[key] ?? "0", null);
    }
}
