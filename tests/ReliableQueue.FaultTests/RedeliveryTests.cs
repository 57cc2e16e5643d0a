using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

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
}
