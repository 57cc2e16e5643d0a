using System.Globalization;
using System.Text.RegularExpressions;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

public sealed partial class SlotMoveTests(ITestOutputHelper output)
{
    // Of two workers that lease, settle and renew, and of the load.
    private const int RefusalsMet = 6;

    private static readonly TimeSpan timeout = TimeSpan.FromSeconds(9);

    [Fact]
    public async Task A_queue_whose_slot_moves_from_node_to_node_under_load_loses_nothing()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var rig = FaultRig.At(cluster.Nodes[0].Configuration, cluster.Nodes[0]);
        string[] settings = [$"queue:VisibilityTimeout={timeout}"];
        WorkerProcess[] workers = [rig.Start("first", settings), rig.Start("second", settings)];
        foreach (var worker in workers)
        {
            await worker.ReadyAsync();
        }

        // Longer than the slot is away, which is longer than a lease lasts that is not renewed there.
        await rig.EnqueueAsync(WorkOrderAct.Return, milliseconds: 18_000);
        await using var load = new Load(rig, perSecond: 300, milliseconds: 20);
        var slot = await cluster.SlotOfAsync($"{{rq:{WorkOrder.Queue}}}:messages");
        var home = cluster.FirstHomeOf(slot);
        RedisServer[] route = [.. cluster.Nodes.Where(node => node != home), home];
        foreach (var next in route)
        {
            await MoveAsync(cluster, slot, home, next, workers);
            home = next;
            if (next == route[^2])
            {
                // A foreign node, and not the first of all, which renewals ask before they are sent elsewhere.
                await Task.Delay(timeout + TimeSpan.FromSeconds(1));
            }
        }

        var enqueued = await load.StopAsync();
        rig.Store = home;
        var tally = await rig.FinishedAsync();
        output.WriteLine($"Moved {route.Length} times under load: {tally}");
        Assert.Equal((enqueued.Count + 1, 0), (tally.Acknowledged, tally.Redelivered));
    }

    /// <summary>Stands still half-way until calls have met it, and again when every key has gone and the slot has not.</summary>
    private static async Task MoveAsync(RedisCluster cluster, int slot, RedisServer from, RedisServer to, WorkerProcess[] workers)
    {
        foreach (var worker in workers)
        {
            await worker.DoesMoreAsync(EffectKind.End, times: 50);
        }

        await RedisCluster.BeginMoveAsync(slot, from, to);
        Assert.Equal(2, await RedisCluster.MoveKeysAsync(slot, from, to, most: 2));
        await MetAsync(cluster);
        while (await RedisCluster.MoveKeysAsync(slot, from, to, most: 100) > 0)
        {
        }

        await MetAsync(cluster);
        await cluster.EndMoveAsync(slot, to);
    }

    // Read off the servers: a worker tells of an outage once, and this one may be the same to it as the last.
    private static async Task MetAsync(RedisCluster cluster)
    {
        var before = await RefusalsAsync(cluster);
        await Eventually.TrueAsync(async () => await RefusalsAsync(cluster) >= before + RefusalsMet, "calls are told to try again");
    }

    private static async Task<long> RefusalsAsync(RedisCluster cluster)
    {
        var counts = await Task.WhenAll(cluster.Nodes.Select(node => node.CommandAsync("INFO", "errorstats")));
        return counts.Sum(text => Refusals().Match(text) is { Success: true } count ? long.Parse(count.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0);
    }

    [GeneratedRegex(@"errorstat_TRYAGAIN:count=(\d+)")]
    private static partial Regex Refusals();
}
