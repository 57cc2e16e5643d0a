using System.Diagnostics;
using System.Net.Sockets;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

public sealed class RedisRestartTests(ITestOutputHelper output)
{
    // The library looks once a second whether its last attempt to connect is 5 s old, and the worker pauses between its lease calls for up to 2.5 s.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);

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

        foreach (var seconds in new[] { 0.0, 1.0, 2.5 })
        {
            var waited = await KillAsync(rig.Redis, worker, sync, TimeSpan.FromSeconds(seconds));
            output.WriteLine($"Down for {seconds} s from when it was noticed; the first message was started {waited.TotalSeconds:F2} s after the port was open again.");
            Assert.True(waited <= Recovery, $"Work went on {waited} after the port was open again.");
            await worker.DoesMoreAsync(EffectKind.End, times: 100);
        }

        var enqueued = await load.StopAsync();
        var tally = await rig.FinishedAsync();
        output.WriteLine($"Redis killed under load, append-only file synced {sync}: {tally}");
        Assert.Equal((enqueued.Count, enqueued.Count, 0), (tally.Acknowledged, tally.Handled, tally.Redelivered));
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
        await rig.FinishedAsync(new Permitted { BrokerMayLose = true });
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
        var tally = await rig.FinishedAsync(new Permitted { BrokerMayLose = true });

        // A settlement of what is gone makes nothing of it again, and no handler was started twice.
        Assert.Equal(running.Count + 1, rig.Effects().Count(effect => effect.Kind == EffectKind.Start));
        Assert.Single(worker.SaidWith("Messages may be lost or come back"));
        Assert.Equal((running.Count + 1, 0, 0), (tally.Handled, tally.Lost, tally.Duplicated));
    }

    /// <summary>Kills Redis, starts it again after a time, and tells how long after its port was open the worker started a message that it leased since.</summary>
    private static async Task<TimeSpan> KillAsync(RedisServer redis, WorkerProcess worker, string sync, TimeSpan down)
    {
        var noticed = worker.SaysNextAsync($"Leasing from queue {WorkOrder.Queue} failed");
        await redis.KillWithNothingHeldBackAsync(sync);
        await noticed;
        await Task.Delay(down);

        // A lease call has failed, so what was leased before has been started.
        var goesOn = worker.DoesMoreAsync(EffectKind.Start, times: 1);
        var opened = OpenedAsync(redis);
        await redis.StartAgainAsync();
        var first = Effect.Parse(await goesOn) ?? throw new InvalidOperationException("No effect.");
        return Stopwatch.GetElapsedTime(await opened, first.At);
    }

    private static async Task<long> OpenedAsync(RedisServer redis)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(redis.Host, redis.Port);
                return Stopwatch.GetTimestamp();
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5));
            }
        }
    }
}
