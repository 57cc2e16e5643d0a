using System.Globalization;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

public sealed class ClockTests(ITestOutputHelper output)
{
    private static readonly TimeSpan timeout = TimeSpan.FromSeconds(4);

    [Fact]
    public Task A_wall_clock_that_jumps_by_an_hour_and_by_a_day_ends_no_lease_and_repeats_nothing() => Task.WhenAll(OnAsync(FaultRig.Sqlite), OnAsync(FaultRig.RedisName));

    [Fact]
    public async Task Clocks_of_workers_that_run_five_percent_slow_and_fast_end_no_lease_and_repeat_nothing()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        var held = await rig.EnqueueAsync(2, WorkOrderAct.WhenTold);
        var slow = rig.Start("slow", "ClockRate=0.95", $"queue:VisibilityTimeout={timeout}", "queue:Concurrency=1");
        var fast = rig.Start("fast", "ClockRate=1.05", $"queue:VisibilityTimeout={timeout}", "queue:Concurrency=1");
        await Task.WhenAll(slow.DoesAsync(EffectKind.Start), fast.DoesAsync(EffectKind.Start));

        // It would be given what either of them lost.
        var heir = rig.Start("heir", $"queue:VisibilityTimeout={timeout}");
        await heir.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await Task.Delay(timeout * 4);

        await Task.WhenAll(slow.TellAsync(Permission.Return), fast.TellAsync(Permission.Return));
        await rig.FinishedAsync();
        Assert.All(held, message => Assert.Equal(1, Assert.Single(rig.Effects(EffectKind.Start, message)).DeliveryCount));
        Assert.All(held, message => Assert.True(Assert.Single(rig.Effects(EffectKind.End, message)).IsLeaseValid));
    }

    [Fact]
    public async Task A_worker_whose_clock_runs_five_percent_slow_gives_a_lease_up_before_another_is_given_it()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await using var proxy = new TcpFaultProxy(rig.Redis.Host, rig.Redis.Port);
        var held = await rig.EnqueueAsync(WorkOrderAct.Return, 60_000);
        var slow = rig.Start("slow", $"Broker=redis:{proxy.Configuration}", "ClockRate=0.95", $"queue:VisibilityTimeout={timeout * 5}");
        await slow.DoesAsync(EffectKind.Start, held);
        var heir = rig.Start("heir", $"queue:VisibilityTimeout={timeout * 5}");
        await heir.ReadyAsync();

        // From here on nothing is renewed, and the slow clock has a tenth of the lease to notice.
        proxy.IsRefusing = true;
        proxy.Blackhole();
        var (lost, inherited) = (await slow.DoesAsync(EffectKind.Cancel, held), await heir.DoesAsync(EffectKind.Start, held));
        output.WriteLine($"Given up {inherited.Since(lost).TotalMilliseconds:F0} ms before another was given it.");
        Assert.True(inherited.At > lost.At, $"The heir began {lost.Since(inherited)} before the worker gave up.");
        Assert.Equal(2, inherited.DeliveryCount);
    }

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
        Assert.True(Assert.Single(rig.Effects(EffectKind.End, held)).IsLeaseValid);
        Assert.All(rig.Effects().Where(effect => effect.Kind == EffectKind.Start), effect => Assert.Equal(1, effect.DeliveryCount));
    }
}
