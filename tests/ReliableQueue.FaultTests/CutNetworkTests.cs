using System.Collections.Concurrent;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>A network that ends connections, or keeps what they carry, while messages are enqueued and handled.</summary>
public sealed class CutNetworkTests(ITestOutputHelper output)
{
    private const int Cuts = 25;
    private const string ShortCalls = ";call=0.5";

    [Fact]
    public async Task Fifty_cuts_under_load_lose_nothing_and_what_was_said_of_each_enqueue_is_true()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await using var toWorker = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port);
        await using var toProducer = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port);
        var worker = rig.Start("worker", $"Broker=redis:{toWorker.Configuration}{ShortCalls}", "queue:VisibilityTimeout=01:00:00");
        await worker.ReadyAsync();

        var client = rig.NewClient($"redis:{toProducer.Configuration}{ShortCalls}", enqueueTimeout: TimeSpan.FromMilliseconds(300));
        using var over = new CancellationTokenSource();
        ConcurrentBag<MessageId> stored = [];
        var producing = ProduceAsync(client, stored, over.Token);
        await Task.WhenAll(CutAsync(toWorker, seed: 1, stored), CutAsync(toProducer, seed: 2, stored));
        await over.CancelAsync();
        var said = await producing;
        var tally = await rig.FinishedAsync();

        var handled = rig.Effects().Where(effect => effect.Kind == EffectKind.End).Select(effect => effect.Message).ToHashSet();
        var starts = rig.Effects().Count(effect => effect.Kind == EffectKind.Start);
        output.WriteLine($"{2 * Cuts} cuts: {tally}; {starts} starts.");
        Assert.Empty(said.Stored.Except(handled));
        Assert.Empty(handled.Except(said.Stored).Except(said.Unknown));
        Assert.Equal(handled.Count, starts);
        Assert.True(said.NotStored > 0, "No enqueue failed: nothing was cut.");
    }

    [Fact]
    public async Task Requests_and_replies_that_arrive_late_lose_nothing_and_repeat_nothing()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await using var proxy = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port);
        var worker = rig.Start("worker", $"Broker=redis:{proxy.Configuration}{ShortCalls}", "queue:VisibilityTimeout=01:00:00");
        await worker.ReadyAsync();
        await using var load = new Load(rig, perSecond: 100, milliseconds: 20);
        await worker.DoesAsync(EffectKind.End);

        // Longer than a call waits, and than two of them: once on a connection that stays in use, once on one that was replaced meanwhile.
        var random = new Random(20261122);
        for (var hold = 0; hold < 4; hold++)
        {
            Action put = hold % 2 == 0 ? proxy.HoldRequests : proxy.HoldReplies;
            put();
            await Task.Delay(TimeSpan.FromSeconds(0.6 + random.NextDouble()));
            proxy.Release();
            await Task.Delay(TimeSpan.FromSeconds(0.2));
        }

        var enqueued = await load.StopAsync();
        var tally = await rig.FinishedAsync();
        output.WriteLine($"{tally}");
        Assert.NotEmpty(worker.SaidWith($"queue {WorkOrder.Queue} failed"));
        Assert.Equal((enqueued.Count, enqueued.Count, 0), (tally.Acknowledged, tally.Handled, tally.Redelivered));
    }

    [Fact]
    public async Task A_hundred_enqueues_at_once_through_a_network_that_cuts_them_store_one_message_each()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await using var proxy = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port);
        var client = rig.NewClient($"redis:{proxy.Configuration}{ShortCalls}", enqueueTimeout: TimeSpan.FromSeconds(30));
        await client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return));

        List<Task<MessageId>> calls = [];
        for (var bytes = 0; bytes < 20; bytes++)
        {
            // In the middle of a reply: the messages are stored, and nobody knows.
            proxy.ResetAfterReplyBytes(1 + bytes);
            calls.AddRange(Enumerable.Range(0, 5).Select(_ => client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return))));
            await Eventually.TrueAsync(() => calls[^5].IsCompleted, "the first of them is answered");
        }

        var ids = await Task.WhenAll(calls);
        Assert.Equal(100, ids.Distinct().Count());
        Assert.Equal(101, (await rig.CountAsync()).Ready);
    }

    /// <summary>Ends every connection by a reset or in order, and lets no new one in for 0.1 to 2 s, short more often than long. Something is stored between two cuts.</summary>
    private static async Task CutAsync(TcpFaultProxy proxy, int seed, ConcurrentBag<MessageId> stored)
    {
        var random = new Random(seed);
        for (var cut = 0; cut < Cuts; cut++)
        {
            proxy.IsRefusing = true;
            Action end = random.Next(2) == 0 ? proxy.Reset : proxy.Close;
            end();
            await Task.Delay(TimeSpan.FromSeconds(0.1 + (1.9 * Math.Pow(random.NextDouble(), 8))));
            proxy.IsRefusing = false;
            var before = stored.Count;
            await Eventually.TrueAsync(() => stored.Count > before + 2, "messages are stored between two cuts", TimeSpan.FromSeconds(60));
        }
    }

    /// <summary>Enqueues one by one, several at once, and keeps what it was told of each.</summary>
    private static async Task<(IReadOnlyCollection<MessageId> Stored, IReadOnlyCollection<MessageId> Unknown, int NotStored)> ProduceAsync(
        IQueueClient client, ConcurrentBag<MessageId> stored, CancellationToken over)
    {
        ConcurrentBag<MessageId> unknown = [];
        var notStored = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (; !over.IsCancellationRequested; await Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None))
            {
                try
                {
                    stored.Add(await client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return), cancellationToken: CancellationToken.None));
                }
                catch (EnqueueOutcomeUnknownException exception)
                {
                    unknown.Add(Assert.Single(exception.MessageIds));
                }
                catch (BrokerUnavailableException)
                {
                    Interlocked.Increment(ref notStored);
                }
            }
        }));
        return (stored, unknown, notStored);
    }
}
