using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

/// <summary>A worker that was frozen for longer than its lease wakes up and settles what is somebody else's by now.</summary>
public sealed class ZombieTests
{
    private const string ShortTimeout = "queue:VisibilityTimeout=00:00:05";

    [Theory]
    [InlineData(Permission.Return)]
    [InlineData(Permission.Throw)]
    [InlineData(Permission.Reject)]
    public Task A_worker_that_slept_past_its_lease_changes_nothing_when_it_settles(string ending) =>
        Task.WhenAll(OnAsync(FaultRig.Sqlite, ending), OnAsync(FaultRig.RedisName, ending));

    private static async Task OnAsync(string broker, string ending)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        var message = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var zombie = rig.Start("zombie", ShortTimeout);
        var first = await zombie.DoesAsync(EffectKind.Start, message);
        var heir = rig.Start("heir", ShortTimeout);
        await heir.ReadyAsync();

        await rig.FreezeAsync(zombie);
        var second = await heir.DoesAsync(EffectKind.Start, message);
        await zombie.ThawAsync();
        await zombie.TellAsync(ending);
        await zombie.SaysAsync("came too late and changed nothing");

        // The heir still works on it: nothing was acked, retried or dead-lettered under its hands.
        var counts = await rig.CountAsync();
        Assert.Equal((0, 0, 1, 0), (counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered));
        await heir.TellAsync(Permission.Return);
        await heir.DoesAsync(EffectKind.End, message);

        // Both handlers finish it when both are told to: the zombie's lease was over by then.
        await rig.FinishedAsync(new Permitted { HandledAgain = ending == Permission.Return ? 1 : 0 });

        Assert.Equal((1, 2), (first.DeliveryCount, second.DeliveryCount));
        Assert.True(second.Fence > first.Fence, $"Fence {second.Fence} of the heir is not above {first.Fence} of the zombie.");
        Assert.Equal(2, rig.Effects(EffectKind.Start, message).Count);
        Assert.Empty(await rig.DeadLettersAsync());
    }
}
