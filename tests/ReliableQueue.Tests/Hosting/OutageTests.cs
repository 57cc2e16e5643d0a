using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReliableQueue.TestKit;
using ReliableQueue.Tests.DependencyInjection;
using ReliableQueue.Tests.Security;
using ReliableQueue.Tests.Worker;
using Xunit;

namespace ReliableQueue.Tests.Hosting;

/// <summary>What an application with many queues logs while its Redis is away.</summary>
public class OutageTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(12);

    [Fact]
    public async Task An_outage_seen_by_twenty_queues_and_a_producer_is_one_warning_and_one_event_when_it_is_over()
    {
        var log = new EventLog();
        await using var redis = await RedisServer.StartAsync("--save", "", "--appendonly", "yes");
        await using var rig = new SetRig();
        rig.Add.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(new OneLog(log)));
        rig.Add.AddReliableWorker(worker =>
        {
            worker.UseRedis($"{redis.Configuration},connectTimeout=1000", options => options.CallTimeout = TimeSpan.FromSeconds(2));
            worker.ConfigureMessages(messages => messages.EnqueueTimeout = TimeSpan.FromSeconds(3));
            for (var queue = 0; queue < 20; queue++)
            {
                worker.Handle<Errand>(string.Create(CultureInfo.InvariantCulture, $"outage-{queue}"), (_, _, _) => Task.CompletedTask);
            }
        });
        await rig.StartAsync();
        var client = rig.Services.GetRequiredService<IQueueClient>();
        await client.EnqueueAsync("outage-0", new Errand("return", "nothing"));
        await Eventually.TrueAsync(() => log.Of(902).Count > 0, "the worker has said that it started");
        var before = log.Events.Count;

        await redis.StopAsync();
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Length)
        {
            await Assert.ThrowsAnyAsync<Exception>(async () => await client.EnqueueAsync("outage-0", new Errand("return", "nothing")));
        }

        await redis.StartAgainAsync();
        await Eventually.TrueAsync(() => log.Of(213).Count > 0, "the broker is back");

        // The settlement of what was held, renewals and the producer may still hear of it; none of them is an event.
        await client.EnqueueAsync("outage-0", new Errand("return", "nothing"));
        Assert.Equal(
            [211, 213],
            log.Events.Skip(before).Where(logged => logged.Id != 0).Select(logged => logged.Id));
        Assert.Matches(@"is back after 00:00:\d\d(\.\d+)?; \d+ calls failed\.$", log.Of(213)[0].Text);
    }

    /// <summary>Events of the library only.</summary>
    private sealed class OneLog(EventLog log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) =>
            categoryName.StartsWith("ReliableQueue", StringComparison.Ordinal) ? log : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public void Dispose()
        {
        }
    }
}
