using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>A network that is slow, and a worker whose messages run longer than a lease lasts.</summary>
public sealed class SlowNetworkTests(ITestOutputHelper output)
{
    private const int Short = 20;
    private const int Long = 4;

    [Fact]
    public Task A_slow_network_repeats_nothing() => Task.WhenAll(
        OverAsync("5 ms", Pace(5)),
        OverAsync("50 ms", Pace(50)),
        OverAsync("500 ms", Pace(500)),
        OverAsync("64 kB/s", new NetworkPace(BytesPerSecond: 64_000)));

    /// <summary>So long there and back, and up to half as long again.</summary>
    private static NetworkPace Pace(int milliseconds) => new(TimeSpan.FromMilliseconds(milliseconds / 2.0), TimeSpan.FromMilliseconds(milliseconds / 4.0));

    private async Task OverAsync(string name, NetworkPace pace)
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await using var proxy = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port) { Pace = pace };
        var messages = await rig.Client.EnqueueManyAsync(
            WorkOrder.Queue,
            [
                .. Enumerable.Repeat(new WorkOrder(WorkOrderAct.Return, 9_000), Long),
                .. Enumerable.Repeat(new WorkOrder(WorkOrderAct.Return, 50) { Ballast = new string('x', 2_000) }, Short),
            ]);
        rig.Start("worker", $"Broker=redis:{proxy.Configuration}", "queue:VisibilityTimeout=00:00:06", "queue:Concurrency=10");
        await rig.FinishedAsync();

        var effects = rig.Effects();
        output.WriteLine($"{name}: {messages.Count} messages in {effects[^1].Since(effects[0]).TotalSeconds:F1} s.");
        Assert.All(messages, message => Assert.Equal(1, Assert.Single(rig.Effects(EffectKind.Start, message)).DeliveryCount));
        Assert.All(messages, message => Assert.Single(rig.Effects(EffectKind.End, message)));
    }
}
