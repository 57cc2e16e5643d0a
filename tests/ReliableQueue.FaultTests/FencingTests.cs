using System.Globalization;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

/// <summary>Workers that are stopped by SIGSTOP, for longer than a lease lasts and for less.</summary>
public sealed class FencingTests(ITestOutputHelper output)
{
    private const int Messages = 20;

    [Fact]
    public Task A_store_that_checks_the_fence_accepts_no_write_of_a_zombie() => Task.WhenAll(WriteAsZombieAsync(FaultRig.Sqlite), WriteAsZombieAsync(FaultRig.RedisName));

    [Fact]
    public Task A_worker_stopped_for_half_its_lease_loses_nothing_and_repeats_nothing() => Task.WhenAll(StopForHalfAsync(FaultRig.Sqlite), StopForHalfAsync(FaultRig.RedisName));

    private async Task WriteAsZombieAsync(string broker)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        string[] settings = [$"Stores={rig.PathOf("stores")}", "queue:VisibilityTimeout=00:00:02", $"queue:Concurrency={Messages}"];
        var messages = await rig.EnqueueAsync(Messages, WorkOrderAct.StoreWhenTold);
        var zombie = rig.Start("zombie", settings);
        await zombie.DoesAsync(EffectKind.Start, times: Messages);
        var heir = rig.Start("heir", settings);
        await heir.ReadyAsync();

        await rig.FreezeAsync(zombie);
        await heir.TellAsync(Permission.Return);
        await heir.DoesAsync(EffectKind.End, times: Messages);
        await rig.FinishedAsync();
        await zombie.ThawAsync();
        await zombie.TellAsync(Permission.Return);
        await zombie.DoesAsync(EffectKind.End, times: Messages);

        var (fenced, unfenced) = (messages.Sum(message => OldWrites(rig, message, ".fenced")), messages.Sum(message => OldWrites(rig, message, ".unfenced")));
        output.WriteLine($"{broker}: of {Messages} writes of the zombie the store that checks took {fenced}, the other {unfenced}.");
        Assert.Equal((0, Messages), (fenced, unfenced));
    }

    /// <summary>Writes after one with a higher fence.</summary>
    private static int OldWrites(FaultRig rig, MessageId message, string store)
    {
        var fences = File.ReadAllLines(Path.Combine(rig.PathOf("stores"), message + store)).Select(line => long.Parse(line, CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(fences);
        return fences.Where((fence, index) => fences.Take(index).Any(earlier => earlier > fence)).Count();
    }

    private static async Task StopForHalfAsync(string broker)
    {
        var timeout = TimeSpan.FromSeconds(3);
        await using var rig = await FaultRig.StartAsync(broker);
        var message = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var worker = rig.Start("worker", $"queue:VisibilityTimeout={timeout}");
        await worker.DoesAsync(EffectKind.Start, message);
        var heir = rig.Start("heir", $"queue:VisibilityTimeout={timeout}");
        await heir.ReadyAsync();

        for (var stop = 0; stop < 2; stop++)
        {
            await rig.FreezeAsync(worker);
            await Task.Delay(timeout / 2);
            await worker.ThawAsync();

            // A worker that runs renews every third of the lease.
            await Task.Delay(timeout / 2);
        }

        await worker.TellAsync(Permission.Return);
        await worker.DoesAsync(EffectKind.End, message);
        await rig.FinishedAsync();
        Assert.Single(rig.Effects(EffectKind.Start, message));
        Assert.DoesNotContain("came too late", worker.Said, StringComparison.Ordinal);
    }
}
