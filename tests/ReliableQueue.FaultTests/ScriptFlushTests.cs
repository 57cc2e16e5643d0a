using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

public sealed class ScriptFlushTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Scripts_flushed_ten_times_a_second_under_load_are_noticed_by_nobody()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        string[] settings = ["queue:VisibilityTimeout=00:00:04"];
        WorkerProcess[] workers = [rig.Start("first", settings), rig.Start("second", settings)];
        foreach (var worker in workers)
        {
            await worker.ReadyAsync();
        }

        // Renewed every third of that, so renewals go through it too.
        await rig.EnqueueAsync(WorkOrderAct.Return, milliseconds: 3_000);
        await using var load = new Load(rig, perSecond: 400, milliseconds: 20);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var flushes = 0; flushes < 35; flushes++)
        {
            await beat.WaitForNextTickAsync();
            Assert.StartsWith("+OK", await rig.Redis.CommandAsync("SCRIPT", "FLUSH"), StringComparison.Ordinal);
        }

        var enqueued = await load.StopAsync();
        var tally = await rig.FinishedAsync();
        output.WriteLine($"Scripts flushed under load: {tally}");
        Assert.Equal((enqueued.Count + 1, 0), (tally.Acknowledged, tally.Redelivered));
        Assert.All(workers, worker => Assert.Empty(worker.SaidWith("failed")));
    }
}
