using System.Globalization;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

public sealed class ClockTests
{
    private static readonly TimeSpan timeout = TimeSpan.FromSeconds(2);

    [Fact]
    public Task A_wall_clock_that_jumps_by_an_hour_and_by_a_day_ends_no_lease_and_repeats_nothing() => Task.WhenAll(OnAsync(FaultRig.Sqlite), OnAsync(FaultRig.RedisName));

    private static async Task OnAsync(string broker)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        var held = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var worker = rig.Start("worker", $"queue:VisibilityTimeout={timeout}");
        await worker.DoesAsync(EffectKind.Start, held);
        rig.Start("heir", $"queue:VisibilityTimeout={timeout}", "queue:Concurrency=1");

        foreach (var hours in new[] { 1, -1, 24, -24 })
        {
            await worker.AskAsync(string.Create(CultureInfo.InvariantCulture, $"{ShiftedClock.Command} {hours}"), "clock ");

            // Long enough for a lease to end that is not renewed, or a renewal that counts by the wall.
            var next = await rig.EnqueueAsync(WorkOrderAct.Return);
            await Eventually.TrueAsync(() => rig.Effects(EffectKind.End, next).Count == 1, "work goes on");
            await Task.Delay(timeout * 0.6);
        }

        await worker.TellAsync(Permission.Return);
        await worker.DoesAsync(EffectKind.End, held);
        await rig.FinishedAsync();
        Assert.Single(rig.Effects(EffectKind.Start, held));
        Assert.All(rig.Effects().Where(effect => effect.Kind == EffectKind.Start), effect => Assert.Equal(1, effect.DeliveryCount));
    }
}
