using System.Diagnostics;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

[Collection(nameof(AloneCollection))]
public sealed class RedeliveryTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(FaultRig.Sqlite)]
    [InlineData(FaultRig.RedisName)]
    public async Task What_a_killed_worker_held_is_handled_again_within_a_second_of_its_restart(string broker)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        var message = await rig.EnqueueAsync(WorkOrderAct.Return, milliseconds: 600_000);
        var first = rig.Start("worker", "queue:VisibilityTimeout=01:00:00");
        await first.DoesAsync(EffectKind.Start, message);

        await first.KillAsync();
        var second = rig.Start("worker", "queue:VisibilityTimeout=01:00:00");
        var started = await second.DoesAsync(EffectKind.Host);
        var again = await second.DoesAsync(EffectKind.Start, message);

        output.WriteLine($"{broker}: handled again {again.Since(started).TotalMilliseconds:F0} ms after the host began to start.");
        Assert.Equal(2, again.DeliveryCount);
        Assert.InRange(again.Since(started), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(FaultRig.Sqlite)]
    [InlineData(FaultRig.RedisName)]
    public async Task What_a_killed_worker_held_is_handled_by_another_within_the_visibility_timeout_and_a_second(string broker)
    {
        var timeout = TimeSpan.FromSeconds(3);
        await using var rig = await FaultRig.StartAsync(broker);
        var message = await rig.EnqueueAsync(WorkOrderAct.Return, milliseconds: 600_000);
        var lost = rig.Start("lost", $"queue:VisibilityTimeout={timeout}");
        await lost.DoesAsync(EffectKind.Start, message);
        var other = rig.Start("other", $"queue:VisibilityTimeout={timeout}");
        await other.ReadyAsync();

        await lost.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        var again = await other.DoesAsync(EffectKind.Start, message);

        var waited = Stopwatch.GetElapsedTime(killed, again.At);
        output.WriteLine($"{broker}: handled again {waited.TotalSeconds:F1} s after the kill.");
        Assert.Equal(2, again.DeliveryCount);
        Assert.InRange(waited, TimeSpan.Zero, timeout + TimeSpan.FromSeconds(1));
    }
}
