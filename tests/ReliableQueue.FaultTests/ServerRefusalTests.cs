using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>
/// A Redis that answers and will not do what it is asked. Nothing was done, so enqueuing says <em>certainly not</em>; the worker asks on, less and less often, says why, and
/// goes on by itself when it is mended.
/// </summary>
public sealed class ServerRefusalTests(ITestOutputHelper output)
{
    private const string Meta = $"{{rq:{WorkOrder.Queue}}}:meta";

    [Theory]
    [InlineData("READONLY", "Unhealthy", "REPLICAOF NO ONE")]
    [InlineData("NOREPLICAS", "Degraded", "NOREPLICAS")]
    [InlineData("MISCONF", "Degraded", "MISCONF")]
    [InlineData("NOAUTH", "Unhealthy", "NOAUTH Authentication required")]
    [InlineData("NOPERM", "Unhealthy", "NOPERM")]
    [InlineData("RQVERSION", "Unhealthy", "this one knows layout 1")]
    [InlineData("CLUSTERDOWN", "Degraded", "CLUSTERDOWN")]
    public async Task A_server_that_refuses_is_waited_for_its_reason_is_shown_and_nothing_is_lost(string refusal, string health, string text)
    {
        string[] cluster = refusal == "CLUSTERDOWN" ? ["--cluster-enabled", "yes"] : [];
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, cluster);
        if (cluster.Length > 0)
        {
            await rig.Redis.CommandAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await Eventually.TrueAsync(async () => (await rig.Redis.CommandAsync("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal), "the node is a cluster");
        }

        var running = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var worker = rig.Start("worker");
        await worker.DoesAsync(EffectKind.Start, running);
        var hasty = await rig.NewConnectedClientAsync(enqueueTimeout: TimeSpan.FromSeconds(1));
        MessageId[] enqueued = [running, await rig.EnqueueAsync(WorkOrderAct.Return)];

        await BeginAsync(rig.Redis, refusal);
        await worker.SaysAsync($"Leasing from queue {WorkOrder.Queue} failed");
        var refused = await FaultRig.RefusedAsync(hasty);
        output.WriteLine(refused.Message + " / " + refused.InnerException?.Message);
        await worker.TellAsync(Permission.Return);
        if (refusal != "RQVERSION")
        {
            // A worker of before the new layout still settles what it holds.
            await worker.SaysAsync($"Settling 1 messages of queue {WorkOrder.Queue} failed");
        }

        var said = await worker.AskAsync("health", "health ");
        output.WriteLine(said);
        await EndAsync(rig.Redis, refusal);

        var after = await rig.EnqueueAsync(WorkOrderAct.Return);
        await worker.DoesAsync(EffectKind.End, after);
        await rig.FinishedAsync();
        Assert.Equal(enqueued.Append(after).Order(), rig.Effects().Where(effect => effect.Kind == EffectKind.Start).Select(effect => effect.Message).Order());

        // What is degraded for ten seconds is unhealthy, and on a busy machine they have passed.
        Assert.Contains(said.Split(' ')[1], health == "Degraded" ? ["Degraded", "Unhealthy"] : new[] { health });
        Assert.Contains(text, said, StringComparison.Ordinal);
        Assert.InRange(worker.SaidWith($"Leasing from queue {WorkOrder.Queue} failed").Count, 1, 30);
        await Eventually.TrueAsync(
            async () => (await worker.AskAsync("health", "health ")).StartsWith("health Healthy", StringComparison.Ordinal), "the worker is healthy again");
    }

    private static Task BeginAsync(RedisServer redis, string refusal) => refusal switch
    {
        "READONLY" => redis.CommandAsync("REPLICAOF", "127.0.0.1", "1"),
        "NOREPLICAS" => redis.CommandAsync("CONFIG", "SET", "min-replicas-to-write", "1"),
        "MISCONF" => BreakSnapshotsAsync(redis),
        "NOAUTH" => LockAsync(redis),
        "NOPERM" => redis.CommandAsync("ACL", "SETUSER", "default", "-evalsha", "-eval"),
        "RQVERSION" => redis.CommandAsync("HSET", Meta, "layout", "2", "reader", "2"),
        _ => redis.CommandAsync("CLUSTER", "DELSLOTS", "0"),
    };

    private static Task EndAsync(RedisServer redis, string refusal) => refusal switch
    {
        "READONLY" => redis.CommandAsync("REPLICAOF", "NO", "ONE"),
        "NOREPLICAS" => redis.CommandAsync("CONFIG", "SET", "min-replicas-to-write", "0"),
        "MISCONF" => MendSnapshotsAsync(redis),
        "NOAUTH" => redis.CommandAsync("CONFIG", "SET", "requirepass", ""),
        "NOPERM" => redis.CommandAsync("ACL", "SETUSER", "default", "+@all"),
        "RQVERSION" => redis.CommandAsync("HSET", Meta, "layout", "1", "reader", "1"),
        _ => redis.CommandAsync("CLUSTER", "ADDSLOTS", "0"),
    };

    /// <summary>A folder stands where the snapshot is to be: that stops root too.</summary>
    private static async Task BreakSnapshotsAsync(RedisServer redis)
    {
        Directory.CreateDirectory(Path.Combine(redis.Folder, "dump.rdb", "full"));
        await redis.CommandAsync("CONFIG", "SET", "save", "3600 1");
        await redis.CommandAsync("BGSAVE");
        await SnapshotAsync(redis, "err");
    }

    private static async Task MendSnapshotsAsync(RedisServer redis)
    {
        Directory.Delete(Path.Combine(redis.Folder, "dump.rdb"), recursive: true);
        await redis.CommandAsync("BGSAVE");
        await SnapshotAsync(redis, "ok");
    }

    private static Task SnapshotAsync(RedisServer redis, string status) => Eventually.TrueAsync(
        async () => (await redis.CommandAsync("INFO", "persistence")).Contains($"rdb_last_bgsave_status:{status}", StringComparison.Ordinal), $"the snapshot ends: {status}");

    private static async Task LockAsync(RedisServer redis)
    {
        await redis.CommandAsync("CONFIG", "SET", "requirepass", "a-new-one");
        redis.Password = "a-new-one";
        await redis.CommandAsync("CLIENT", "KILL", "TYPE", "normal");
    }
}
