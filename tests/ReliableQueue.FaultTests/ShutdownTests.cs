using System.Diagnostics;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

public sealed class ShutdownTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(FaultRig.Sqlite)]
    [InlineData(FaultRig.RedisName)]
    public async Task A_worker_told_to_stop_finishes_what_it_can_releases_the_rest_and_ends_in_time(string broker)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        var quick = await rig.EnqueueAsync(WorkOrderAct.Return, milliseconds: 1_000);
        var slow = await rig.EnqueueAsync(WorkOrderAct.Return, milliseconds: 600_000);
        var deaf = await rig.EnqueueAsync(WorkOrderAct.IgnoreToken, milliseconds: 600_000);
        var worker = rig.Start("worker", $"ReliableQueue:Worker:DrainTimeout={Drain}", "queue:HandlerGrace=00:00:01", "queue:VisibilityTimeout=01:00:00");
        await worker.DoesAsync(EffectKind.Start, times: 3);

        var clock = Stopwatch.StartNew();
        await worker.StopAsync();
        var code = await worker.EndAsync();

        output.WriteLine($"{broker}: ended {clock.Elapsed.TotalSeconds:F1} s after SIGTERM.");
        Assert.Equal(0, code);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Drain + TimeSpan.FromSeconds(5));
        Assert.Single(rig.Effects(EffectKind.End, quick));
        Assert.Single(rig.Effects(EffectKind.Cancel, slow));
        var counts = await rig.CountAsync();
        Assert.Equal((2, 0, 0, 0), (counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered));

        // A release is not counted: the next delivery is the first again.
        var next = rig.Start("next");
        Assert.Equal(1, (await next.DoesAsync(EffectKind.Start, slow)).DeliveryCount);
        Assert.Equal(1, (await next.DoesAsync(EffectKind.Start, deaf)).DeliveryCount);
    }

    [Fact]
    public async Task A_second_request_to_stop_cuts_no_drain_short()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        int[] milliseconds = [1_000, 2_000, 60_000];
        var messages = await rig.Client.EnqueueManyAsync(WorkOrder.Queue, milliseconds.Select(each => new WorkOrder(WorkOrderAct.Return, each)));
        var worker = rig.Start("worker", "ReliableQueue:Worker:DrainTimeout=00:00:04", "queue:VisibilityTimeout=01:00:00");
        await worker.DoesAsync(EffectKind.Start, times: messages.Count);

        await worker.StopAsync();
        await worker.SaysAsync("Application is shutting down");
        await worker.StopAsync();
        Assert.Equal(0, await worker.EndAsync());

        Assert.Single(rig.Effects(EffectKind.End, messages[0]));
        Assert.Single(rig.Effects(EffectKind.End, messages[1]));
        Assert.Single(rig.Effects(EffectKind.Cancel, messages[2]));
        var counts = await rig.CountAsync();
        Assert.Equal((1, 0, 0, 0), (counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered));
    }

    [Fact]
    public async Task A_worker_started_on_the_state_file_of_one_that_drains_produces_at_once_and_takes_over_when_it_ends()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        var held = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var old = rig.Start("worker");
        await old.DoesAsync(EffectKind.Start, held);
        await old.StopAsync();
        await old.SaysAsync("Application is shutting down");

        var successor = rig.Start("worker");
        await successor.ReadyAsync();
        var answer = await successor.AskAsync("enqueue", "enqueued ");
        await successor.SaysAsync("is held by");
        Assert.StartsWith("health Degraded", await successor.AskAsync("health", "health "), StringComparison.Ordinal);
        await old.TellAsync(Permission.Return);
        await old.EndAsync();

        Assert.True(MessageId.TryParse(answer.Split(' ')[1], out var enqueued));
        await successor.DoesAsync(EffectKind.End, enqueued);
        await rig.FinishedAsync();
        Assert.Single(rig.Effects(EffectKind.Start, held));
        Assert.StartsWith("health Healthy", await successor.AskAsync("health", "health "), StringComparison.Ordinal);
    }
}
