using System.Globalization;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

/// <summary>Handlers that run ten times as long as a message stays away, with a second worker that takes whatever comes free. Each in a class of its own, because classes run at the same time.</summary>
public sealed class LongHandlerTests(ITestOutputHelper output)
{
    [Fact]
    public Task A_message_that_runs_ten_times_its_visibility_timeout_is_delivered_once() => new LongRun(output).OnBothBrokersAsync(WorkOrderAct.Return);
}

/// <summary>The same while the pool of its threads is blocked.</summary>
public sealed class LongBlockingHandlerTests(ITestOutputHelper output)
{
    [Fact]
    public Task A_message_that_runs_ten_times_its_visibility_timeout_is_delivered_once_while_user_code_blocks_the_thread_pool() =>
        new LongRun(output).OnBothBrokersAsync(WorkOrderAct.BlockThePool);
}

/// <summary>The same on a Redis without memory.</summary>
public sealed class LongHandlerInFullMemoryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_message_that_runs_ten_times_its_visibility_timeout_is_delivered_once_while_the_memory_of_Redis_is_full()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        var message = await rig.EnqueueAsync(WorkOrderAct.Return, LongRun.TenTimeouts);
        var worker = rig.Start("worker", LongRun.ShortTimeout);
        await worker.DoesAsync(EffectKind.Start, message);
        rig.Start("second", LongRun.ShortTimeout);

        var used = await rig.Redis.UsedMemoryAsync();
        await rig.Redis.CommandAsync("CONFIG", "SET", "maxmemory", (used + 1_000_000).ToString(CultureInfo.InvariantCulture));
        var client = await rig.NewConnectedClientAsync(enqueueTimeout: TimeSpan.FromSeconds(3));
        var ballast = new WorkOrder(WorkOrderAct.Return) { Ballast = new string('x', 50_000) };
        var full = await Assert.ThrowsAsync<QueueFullException>(async () =>
        {
            for (var filled = 0; filled < 1_000; filled++)
            {
                await client.EnqueueAsync("ballast", ballast);
            }
        });

        Assert.Contains("ballast", full.Message, StringComparison.Ordinal);
        await new LongRun(output).AssertDeliveredOnceAsync(rig, worker, message);
        await Assert.ThrowsAsync<QueueFullException>(() => client.EnqueueAsync("ballast", ballast));
        await rig.Redis.CommandAsync("CONFIG", "SET", "maxmemory", "0");
        await client.EnqueueAsync("ballast", ballast);
    }
}

/// <summary>What they have in common.</summary>
internal sealed class LongRun(ITestOutputHelper output)
{
    public const int TenTimeouts = 50_000;
    public const string ShortTimeout = "queue:VisibilityTimeout=00:00:05";

    public Task OnBothBrokersAsync(WorkOrderAct act) => Task.WhenAll(OnAsync(FaultRig.Sqlite, act), OnAsync(FaultRig.RedisName, act));

    private async Task OnAsync(string broker, WorkOrderAct act)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        var message = await rig.EnqueueAsync(act, TenTimeouts);
        var worker = rig.Start("worker", ShortTimeout);
        await worker.DoesAsync(EffectKind.Start, message);
        rig.Start("second", ShortTimeout);
        await AssertDeliveredOnceAsync(rig, worker, message);
    }

    public async Task AssertDeliveredOnceAsync(FaultRig rig, WorkerProcess worker, MessageId message)
    {
        var ended = await worker.DoesAsync(EffectKind.End, message);
        await rig.FinishedAsync();
        var starts = rig.Effects(EffectKind.Start, message);
        Assert.True(starts.Count == 1, $"{rig.Address}: {string.Join(Environment.NewLine, starts)}{Environment.NewLine}{worker.Said}");
        var start = starts[0];
        output.WriteLine($"{rig.Address}: delivered once, ran for {ended.Since(start).TotalSeconds:F1} s.");
        Assert.Equal(1, start.DeliveryCount);
        Assert.Empty(await rig.DeadLettersAsync());
    }
}
