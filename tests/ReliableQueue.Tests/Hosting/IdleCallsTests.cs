using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.TestKit;
using ReliableQueue.Tests.DependencyInjection;
using ReliableQueue.Tests.Security;
using Xunit;

namespace ReliableQueue.Tests.Hosting;

/// <summary>How often a worker with nothing to do calls Redis. Counted by the server: a share of the processor would depend on the machine.</summary>
public partial class IdleCallsTests
{
    private const int Queues = 20;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task An_idle_queue_whose_hints_arrive_is_looked_at_no_more_than_every_five_seconds()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker =>
        {
            worker.UseRedis(redis.Configuration);
            for (var queue = 0; queue < Queues; queue++)
            {
                worker.Handle<Errand>(string.Create(CultureInfo.InvariantCulture, $"idle-{queue}"), (_, _, _) => Task.CompletedTask);
            }
        });
        await rig.StartAsync();

        // Sessions begin, and subscriptions are confirmed, before it is counted.
        await Task.Delay(Settling, TimeProvider.System);
        await redis.CommandAsync("CONFIG", "RESETSTAT");
        await Task.Delay(Length, TimeProvider.System);
        var stats = await redis.CommandAsync("INFO", "commandstats");
        var scripts = ScriptCalls().Matches(stats).Sum(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

        // Two looks of each queue fit into ten seconds when five lie between them, a third when the first came at once; a look each poll interval would be 200 and more.
        Assert.InRange(scripts, 1, 3 * Queues);
    }

    [GeneratedRegex(@"cmdstat_(?:evalsha|eval|fcall):calls=(\d+)")]
    private static partial Regex ScriptCalls();
}
