using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using StackExchange.Redis;

namespace ReliableQueue.Comparison;

/// <summary>The peer program for ReliableQueue: an application as a user would write it, told its servers by the environment as the others are.</summary>
internal static class OwnProgram
{
    private const string Queue = "comparison";

    private static string Broker => $"127.0.0.1:{Variable("BROKER")}";

    public static async Task<int> ProduceAsync(int first, int count, int milliseconds)
    {
        await using var services = Services();
        await services.GetRequiredService<IQueueClient>().EnqueueManyAsync(Queue, Enumerable.Range(first, count).Select(number => new Numbered(number, milliseconds)));
        return 0;
    }

    public static async Task<int> WorkAsync(int concurrency, CancellationToken stop)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddSingleton<IConnectionMultiplexer>(await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{Variable("JOURNAL")}"));
        builder.Services.AddReliableWorker(worker => worker
            .UseRedis(Broker)
            .StateFile(Path.Combine(Variable("STATE"), "worker.db"))
            .AddHandler<Numbered, NumberedHandler>(Queue, queue =>
            {
                queue.Concurrency = concurrency;
                queue.VisibilityTimeout = KillPlan.Visibility;
            }));
        using var host = builder.Build();
        await host.RunAsync(stop);
        return 0;
    }

    public static async Task<int> CountDeadLettersAsync()
    {
        await using var services = Services();
        var statistics = await services.GetRequiredService<IQueueBroker>().Admin.GetStatisticsAsync(QueueName.Parse(Queue), CancellationToken.None);
        Console.WriteLine(statistics.DeadLettered);
        return 0;
    }

    public static int SayVersion()
    {
        var version = typeof(IQueueClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        var client = typeof(ConnectionMultiplexer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        Console.WriteLine($"ReliableQueue {version}, StackExchange.Redis {client}, {RuntimeInformation.FrameworkDescription}");
        return 0;
    }

    private static ServiceProvider Services() => new ServiceCollection().AddLogging().AddReliableQueue(queue => queue.UseRedis(Broker)).BuildServiceProvider();

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set: this command is called by 'compare'.");
}
