using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

public sealed class RedisRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Work_goes_on_after_a_kill_of_Redis_under_load_and_nothing_is_lost()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, "--appendonly", "yes", "--appendfsync", "always");
        var worker = rig.Start("worker");
        await worker.ReadyAsync();
        await using var load = new Load(rig, perSecond: 300, milliseconds: 20);
        await worker.DoesAsync(EffectKind.End, times: 100);

        await rig.Redis.KillAsync();
        await worker.SaysAsync($"queue {WorkOrder.Queue} failed");
        await rig.Redis.StartAgainAsync();
        var before = rig.Effects().Count(effect => effect.Kind == EffectKind.End);
        await worker.DoesAsync(EffectKind.End, times: before + 300);

        var enqueued = await load.StopAsync();
        await rig.FinishedAsync();
        var tally = await Tally.OfAsync(enqueued, rig);
        output.WriteLine($"Redis killed under load: {tally}");
        Assert.Equal(0, tally.Lost);
        Assert.Equal(tally.Enqueued, tally.Acknowledged);
    }

    [Fact]
    public async Task A_flushed_Redis_is_reported_and_new_work_goes_on()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        var worker = rig.Start("worker");
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await rig.FinishedAsync();

        await rig.Redis.CommandAsync("FLUSHALL");
        await worker.SaysAsync("BrokerStateRegressed");
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));

        var health = await worker.AskAsync("health", "health ");
        Assert.StartsWith("health Degraded", health, StringComparison.Ordinal);
        Assert.Contains("BrokerStateRegressed", health, StringComparison.Ordinal);
        await rig.FinishedAsync();
    }
}
