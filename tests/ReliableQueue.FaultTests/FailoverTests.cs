using System.Globalization;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>A replica takes over that missed what the primary acknowledged last, because the network between the two was silent.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task A_failover_that_loses_acknowledged_writes_is_reported_and_what_was_finished_is_not_run_again(string replicasToWrite)
    {
        await using var primary = await StartAsync("--min-replicas-to-write", replicasToWrite, "--min-replicas-max-lag", "3");
        await using var between = new TcpFaultProxy(primary.Host, primary.Port);
        await using var replica = await StartAsync("--replicaof", "127.0.0.1", between.Port.ToString(CultureInfo.InvariantCulture));
        await Replication.BegunAsync(primary);
        await using var door = new TcpFaultProxy(primary.Host, primary.Port);
        await using var rig = FaultRig.At(door.Configuration, primary);
        var worker = rig.Start("worker", "queue:JournalCompletions=true", "queue:VisibilityTimeout=00:00:08", "queue:Concurrency=2");
        await worker.ReadyAsync();
        var held = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        await worker.DoesAsync(EffectKind.Start, held);

        var replicated = await rig.EnqueueAsync(60, WorkOrderAct.Return, milliseconds: 20);
        await worker.DoesAsync(EffectKind.End, times: 20);
        await Replication.CaughtUpAsync(primary);
        between.Blackhole();
        between.IsRefusing = true;

        // Finished when the replica hears nothing any more: there it stays leased, and comes back.
        await worker.TellAsync(Permission.Return);
        await worker.DoesAsync(EffectKind.End, held);

        // Acknowledged, and more than the worker handles before the primary dies.
        var missed = await rig.EnqueueAsync(1_000, WorkOrderAct.Return, milliseconds: 20);
        if (replicasToWrite == "0")
        {
            await worker.DoesAsync(EffectKind.End, missed[9]);
        }
        else
        {
            // The primary has noticed: from now on it acknowledges nothing that could be lost.
            await worker.SaysAsync("NOREPLICAS");
            var refused = await FaultRig.RefusedAsync(await rig.NewConnectedClientAsync(enqueueTimeout: TimeSpan.FromSeconds(1)));
            Assert.Contains("NOREPLICAS", refused.InnerException?.Message, StringComparison.Ordinal);
        }

        await primary.KillAsync();
        Assert.NotEqual(":0\r\n", await replica.CommandAsync("HLEN", $"{{rq:{WorkOrder.Queue}}}:messages"));
        await replica.CommandAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        await replica.CommandAsync("REPLICAOF", "NO", "ONE");
        door.RouteTo(replica.Host, replica.Port);
        rig.Store = replica;
        await worker.SaysAsync("BrokerStateRegressed");
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        var tally = await rig.FinishedAsync(new Permitted { BrokerMayLose = true });

        output.WriteLine($"min-replicas-to-write {replicasToWrite}: {tally}");
        Assert.Empty(await rig.LostAsync(replicated));
        Assert.NotEmpty(await rig.LostAsync(missed));
        Assert.Empty(rig.RunAgain());
        Assert.Single(rig.Effects(EffectKind.Start, held));
    }

    private static Task<RedisServer> StartAsync(params string[] arguments) =>
        RedisServer.StartAsync(["--appendonly", "yes", "--maxmemory-policy", "noeviction", "--repl-diskless-sync-delay", "0", .. arguments]);
}
