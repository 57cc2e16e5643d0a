using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ReliableQueue;

namespace Quickstart;

/// <summary>The worker process: an ordinary host, which also reports to the story.</summary>
internal static class ChecksumWorker
{
    public const string Verb = "worker";

    public const string Queue = "checksums";

    public static async Task<int> RunAsync(WorkerOptions options)
    {
        var signals = new SignalWriter();
        var builder = Host.CreateApplicationBuilder();

        // Standard output carries the signals.
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(signals);
        builder.Services.AddSingleton(_ => new EffectLog(options.EffectLog));
        builder.Services.AddReliableWorker(worker => worker
            .UseBroker(services => new ReportingBroker(options.Broker.Open(), signals, options.AtRejection, Stopping(services)))
            .StateFile(options.StateFile)
            .AddHandler<ChecksumFile, ChecksumFileHandler>(Queue)
            .AddHandler<ChecksumAgainAndAgain, ChecksumAgainAndAgainHandler>(Queue)
            .ConfigureQueue(Queue, queue =>
            {
                queue.Concurrency = 4;

                // An hour, so that whatever is delivered again within it was not waiting for it.
                queue.VisibilityTimeout = TimeSpan.FromHours(1);
            }));

        using var host = builder.Build();
        new Thread(() => StopWithTheStory(host)) { IsBackground = true }.Start();
        signals.HostStarts();
        await host.RunAsync();
        return 0;
    }

    private static CancellationToken Stopping(IServiceProvider services) => services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

    /// <summary>The story closes the pipe to stop the worker; when the story itself is killed, its end closes too, so no worker is left behind.</summary>
    private static void StopWithTheStory(IHost host)
    {
        using var input = Console.OpenStandardInput();
        _ = input.ReadByte();
        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
    }
}
