using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

public sealed class RedisRestartTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("always")]
    [InlineData("everysec")]
    public async Task Work_goes_on_after_a_kill_of_Redis_under_load_and_nothing_is_lost(string sync)
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, "--appendonly", "yes", "--appendfsync", sync);
        var worker = rig.Start("worker");
        await worker.ReadyAsync();
        await using var load = new Load(rig, perSecond: 300, milliseconds: 20);
        await worker.DoesAsync(EffectKind.End, times: 100);

        await rig.Redis.KillAsync();
        await worker.SaysAsync($"queue {WorkOrder.Queue} failed");
        await rig.Redis.StartAgainAsync();
        await worker.DoesMoreAsync(EffectKind.End, times: 300);

        var enqueued = await load.StopAsync();
        await rig.FinishedAsync();
        var tally = await Tally.OfAsync(enqueued, rig);
        output.WriteLine($"Redis killed under load, append-only file synced {sync}: {tally}");
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

    [Theory]
    [InlineData("restarted empty")]
    [InlineData("flushed")]
    public async Task A_Redis_that_forgot_everything_is_reported_once_and_the_running_handlers_end_and_bring_nothing_back(string how)
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        var worker = rig.Start("worker");
        var running = await rig.EnqueueAsync(10, WorkOrderAct.WhenTold);
        await worker.DoesAsync(EffectKind.Start, times: running.Count);

        if (how == "flushed")
        {
            await rig.Redis.CommandAsync("FLUSHALL");
        }
        else
        {
            await rig.Redis.KillAsync();
            await rig.Redis.StartAgainAsync();
        }

        await worker.SaysAsync("BrokerStateRegressed");
        await worker.TellAsync(Permission.Return);
        await worker.DoesAsync(EffectKind.End, times: running.Count);
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await rig.FinishedAsync();

        // A settlement of what is gone makes nothing of it again, and no handler was started twice.
        Assert.Equal(running.Count + 1, rig.Effects().Count(effect => effect.Kind == EffectKind.Start));
        Assert.Single(worker.SaidWith("Messages may be lost or come back"));
    }
}
