using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

public sealed class RejectionTests
{
    [Fact]
    public async Task A_rejection_survives_the_kill_of_its_worker_while_Redis_is_down_and_the_message_never_runs_again()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, "--appendonly", "yes", "--appendfsync", "always");
        var message = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var worker = rig.Start("worker");
        await worker.DoesAsync(EffectKind.Start, message);

        await rig.Redis.KillAsync();
        await worker.TellAsync(Permission.Reject);
        await worker.DoesAsync(EffectKind.Fail, message);

        // The broker is asked only after the rejection is on disk.
        await worker.SaysAsync($"Settling 1 messages of queue {WorkOrder.Queue} failed");
        await worker.KillAsync();
        await rig.Redis.StartAgainAsync();
        var successor = rig.Start("worker");

        // What was recorded is replayed before anything is leased.
        await successor.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        var letter = Assert.Single(await rig.DeadLettersAsync());
        Assert.Equal((message, DeadLetterReason.Rejected, 1), (letter.Id, letter.DeadLetterReason, letter.DeliveryCount));
        Assert.Single(rig.Effects(EffectKind.Start, message));
        await rig.FinishedAsync(new Permitted { DeadLetters = 1 });
    }
}
