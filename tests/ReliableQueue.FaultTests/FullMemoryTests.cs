using System.Globalization;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

public sealed class FullMemoryTests(ITestOutputHelper output)
{
    private const string Messages = $"{{rq:{WorkOrder.Queue}}}:messages";

    [Fact]
    public async Task A_full_Redis_refuses_messages_drains_and_takes_messages_again_without_a_restart()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        WorkerProcess[] workers = [rig.Start("first", "queue:Concurrency=2"), rig.Start("second", "queue:Concurrency=2")];
        List<MessageId> enqueued = [.. await rig.EnqueueAsync(4, WorkOrderAct.WhenTold)];
        await Task.WhenAll(workers.Select(worker => worker.DoesAsync(EffectKind.Start, times: 2)));
        await LimitAsync(rig, 2_000_000);

        // Every slot is taken, so it fills up.
        var hasty = await rig.NewConnectedClientAsync(enqueueTimeout: TimeSpan.FromSeconds(3));
        var full = false;
        while (!full)
        {
            full = !await TryEnqueueAsync(hasty, enqueued);
            Assert.True(enqueued.Count < 1_000, "Redis takes whatever it is given.");
        }

        await Task.WhenAll(workers.Select(worker => worker.TellAsync(Permission.Return)));
        await rig.FinishedAsync();
        enqueued.Add(await EnqueueAsync(rig.Client));

        var tally = await rig.FinishedAsync();
        output.WriteLine($"Filled and drained: {tally}");
        Assert.Equal(0, tally.Redelivered);
        Assert.All(workers, worker => Assert.Empty(worker.SaidWith("failed")));
    }

    [Fact]
    public async Task A_Redis_that_is_told_to_evict_while_it_runs_is_named_and_what_it_evicted_is_reported_and_the_worker_lives()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        var worker = rig.Start("worker", "queue:Concurrency=2", "queue:VisibilityTimeout=00:00:02");
        await rig.EnqueueAsync(2, WorkOrderAct.WhenTold);
        await worker.DoesAsync(EffectKind.Start, times: 2);
        await rig.EnqueueAsync(50, WorkOrderAct.Return);
        await LimitAsync(rig, 1_000_000);
        await rig.Redis.CommandAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-random");

        // By chance Redis may take every key that tells of the messages and leave those that would tell of the loss: then it goes on until one of them is gone as well.
        var ballast = new string('x', 10_000);
        var key = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                for (var end = key + 20; key < end; key++)
                {
                    Assert.StartsWith("+OK", await rig.Redis.CommandAsync("SET", $"ballast:{key}", ballast), StringComparison.Ordinal);
                }

                return await rig.Redis.CommandAsync("EXISTS", Messages) == ":0\r\n" && worker.SaidWith("BrokerStateRegressed").Count > 0;
            },
            "the messages are evicted, and the worker has noticed that something is gone",
            TimeSpan.FromSeconds(120));

        var health = await worker.AskAsync("health", "health ");
        Assert.StartsWith("health Unhealthy", health, StringComparison.Ordinal);
        Assert.Contains("CONFIG SET maxmemory-policy noeviction", health, StringComparison.Ordinal);
        await rig.Redis.CommandAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await rig.Redis.CommandAsync("CONFIG", "SET", "maxmemory", "0");
        await worker.TellAsync(Permission.Return);
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await rig.FinishedAsync(new Permitted { BrokerMayLose = true, KeysMayBeGone = true });
    }

    private static Task<MessageId> EnqueueAsync(IQueueClient client) =>
        client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return) { Ballast = new string('x', 20_000) });

    /// <summary>False when the broker was full.</summary>
    private static async Task<bool> TryEnqueueAsync(IQueueClient client, List<MessageId> enqueued)
    {
        try
        {
            enqueued.Add(await EnqueueAsync(client));
            return true;
        }
        catch (QueueFullException)
        {
            return false;
        }
        catch (EnqueueOutcomeUnknownException)
        {
            // On its way when the time was over: no word about memory.
            return true;
        }
    }

    private static async Task LimitAsync(FaultRig rig, long room) =>
        await rig.Redis.CommandAsync("CONFIG", "SET", "maxmemory", (await rig.Redis.UsedMemoryAsync() + room).ToString(CultureInfo.InvariantCulture));
}
