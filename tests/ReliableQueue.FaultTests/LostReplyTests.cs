using System.Diagnostics;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>Redis did what it was asked, and its answer is lost on the way.</summary>
public sealed class LostReplyTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_lease_whose_reply_was_lost_is_handled_soon_and_once()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await using var proxy = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port);
        var worker = rig.Start("worker", $"Broker=redis:{proxy.Configuration}", "queue:VisibilityTimeout=01:00:00");
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await rig.FinishedAsync();

        proxy.DropReplies();
        var clock = Stopwatch.StartNew();
        var messages = await rig.EnqueueAsync(10, WorkOrderAct.Return);
        await rig.FinishedAsync(within: TimeSpan.FromSeconds(30));

        output.WriteLine($"Handled {clock.Elapsed.TotalSeconds:F1} s after the replies began to be lost.");
        Assert.All(messages, message => Assert.Equal(1, Assert.Single(rig.Effects(EffectKind.Start, message)).DeliveryCount));
    }

    [Fact]
    public async Task An_enqueue_whose_reply_was_lost_stores_its_message_once()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await using var proxy = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port);
        var client = rig.NewClient($"redis:{proxy.Configuration}", enqueueTimeout: TimeSpan.FromSeconds(30));
        await client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return));

        proxy.DropReplies();
        var clock = Stopwatch.StartNew();
        var messages = await client.EnqueueManyAsync(WorkOrder.Queue, Enumerable.Repeat(new WorkOrder(WorkOrderAct.Return), 10));

        output.WriteLine($"Acknowledged {clock.Elapsed.TotalSeconds:F1} s after the replies began to be lost.");
        Assert.Equal(11, (await rig.CountAsync()).Ready);
        rig.Start("worker");
        await rig.FinishedAsync();
        Assert.Equal(11, rig.Effects().Count(effect => effect.Kind == EffectKind.Start));
        Assert.All(messages, message => Assert.Single(rig.Effects(EffectKind.Start, message)));
    }

    [Fact]
    public async Task A_worker_whose_connections_go_silent_works_again_within_five_call_timeouts_and_five_seconds()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await using var proxy = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port);
        var worker = rig.Start("worker", $"Broker=redis:{proxy.Configuration}");
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await rig.FinishedAsync();

        proxy.Blackhole();
        var clock = Stopwatch.StartNew();
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));

        output.WriteLine($"Handled {clock.Elapsed.TotalSeconds:F1} s after the connections went silent.");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, (5 * BrokerAddress.CallTimeout) + TimeSpan.FromSeconds(5));
    }
}
