using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

public sealed class RollingDeploymentTests
{
    [Fact]
    public async Task A_message_an_old_process_does_not_know_is_handled_by_a_new_one_beside_it_as_its_first_delivery()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        var old = rig.Start("old");
        var message = await rig.Client.EnqueueAsync(WorkOrder.Queue, new NextOrder());
        await Eventually.TrueAsync(async () => await rig.CountAsync() is { Scheduled: 1, Ready: 0, Leased: 0 }, "the old worker has parked the message");

        // Parked for half a minute at least. The clock of the new process is an hour ahead, so that this test need not wait: in the embedded broker the one who leases says
        // what is due.
        var successor = rig.Start("new", "KnowsNextOrders=true");
        await successor.ReadyAsync();
        await successor.AskAsync($"{ShiftedClock.Command} 1", "clock ");
        Assert.Equal(1, (await successor.DoesAsync(EffectKind.End, message)).DeliveryCount);

        await old.StopAsync();
        Assert.Equal(0, await old.EndAsync());
        await successor.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await rig.FinishedAsync();
        Assert.Empty(await rig.DeadLettersAsync());
        Assert.Single(rig.Effects(EffectKind.Start, message));
    }
}
