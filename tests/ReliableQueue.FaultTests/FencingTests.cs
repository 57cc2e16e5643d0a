using System.Globalization;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>Workers that are stopped by SIGSTOP, for longer than a lease lasts and for less.</summary>
public sealed class FencingTests(ITestOutputHelper output)
{
    private const int Freezes = 5;
    private const int Slots = 4;
    private const int Milliseconds = 300;

    [Fact]
    public Task A_store_that_checks_the_fence_accepts_no_write_of_a_zombie() => Task.WhenAll(WriteAsZombieAsync(FaultRig.Sqlite), WriteAsZombieAsync(FaultRig.RedisName));

    [Fact]
    public Task A_worker_stopped_for_half_its_lease_loses_nothing_and_repeats_nothing() => Task.WhenAll(StopForHalfAsync(FaultRig.Sqlite), StopForHalfAsync(FaultRig.RedisName));

    /// <summary>One of two workers at a time is frozen at a random point of what it does, until the other has handled everything it held.</summary>
    private async Task WriteAsZombieAsync(string broker)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        string[] settings = [$"Stores={rig.PathOf("stores")}", "queue:VisibilityTimeout=00:00:01", $"queue:Concurrency={Slots}", "queue:Retry:MaxDeliveries=1000"];
        WorkerProcess[] workers = [rig.Start("first", settings), rig.Start("second", settings)];
        await Task.WhenAll(workers.Select(worker => worker.ReadyAsync()));
        var random = new Random(20261122);
        List<MessageId> taken = [];
        var unwritten = 0;
        for (var freezes = 0; freezes < Freezes;)
        {
            var (zombie, heir) = (workers[freezes % 2], workers[1 - (freezes % 2)]);
            var busy = zombie.DoesMoreAsync(EffectKind.Start, times: 1);
            await rig.EnqueueAsync(3 * Slots, WorkOrderAct.Store, Milliseconds);
            await busy;
            await Task.Delay(random.Next(Milliseconds));
            var held = await FreezeAsync(rig, zombie);

            // One that had written and not ended yet has no old write to make.
            unwritten += held.Count(message => !File.Exists(StoreOf(rig, message, ".unfenced")));
            await Eventually.TrueAsync(() => held.All(message => IsEnded(rig, heir, message)), "the heir has handled what the zombie held");
            await zombie.ThawAsync();
            await Eventually.TrueAsync(() => held.All(message => IsEnded(rig, zombie, message)), "the zombie has handled what it held");
            taken.AddRange(held);
            freezes += held.Count > 0 ? 1 : 0;
        }

        // What a zombie had held it ends as well, and nobody hears of it.
        var tally = await rig.FinishedAsync(new Permitted { HandledAgain = int.MaxValue });
        var (fenced, unfenced) = (taken.Sum(message => OldWrites(rig, message, ".fenced")), taken.Sum(message => OldWrites(rig, message, ".unfenced")));
        output.WriteLine($"{broker}: {Freezes} freezes, {taken.Count} messages held, {unwritten} of them not written yet; old writes taken by the store that checks: {fenced}, by the other: {unfenced}. {tally}");
        Assert.Equal(0, fenced);
        Assert.InRange(unwritten, 1, int.MaxValue);
        Assert.InRange(unfenced, unwritten, int.MaxValue);
        Assert.Equal(tally.Acknowledged, tally.Handled);
    }

    /// <summary>Freezes a worker between two writes to the stores, which lock a file as its transactions do that of the queue.</summary>
    /// <returns>What it has held.</returns>
    private static async Task<IReadOnlyList<MessageId>> FreezeAsync(FaultRig rig, WorkerProcess worker)
    {
        while (true)
        {
            await rig.FreezeAsync(worker);
            var own = rig.Effects().Where(effect => effect.Process == worker.Id).ToLookup(effect => effect.Message);
            var held = own.Where(message => message.Any(effect => effect.Kind == EffectKind.Start) && message.All(effect => effect.Kind != EffectKind.End)).Select(message => message.Key).ToList();
            if (held.TrueForAll(message => IsFree(rig, message)))
            {
                return held;
            }

            await worker.ThawAsync();
        }
    }

    private static bool IsEnded(FaultRig rig, WorkerProcess worker, MessageId message) => rig.Effects(EffectKind.End, message).Any(effect => effect.Process == worker.Id);

    /// <summary>Whether no write to the stores is under way for a message.</summary>
    private static bool IsFree(FaultRig rig, MessageId message)
    {
        try
        {
            foreach (var store in StoresOf(rig, message).Where(File.Exists))
            {
                using var probe = new FileStream(store, FileMode.Open, FileAccess.Read, FileShare.Read);
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string[] StoresOf(FaultRig rig, MessageId message) => [StoreOf(rig, message, ".fenced"), StoreOf(rig, message, ".unfenced")];

    private static string StoreOf(FaultRig rig, MessageId message, string store) => Path.Combine(rig.PathOf("stores"), message + store);

    /// <summary>Writes after one with a higher fence.</summary>
    private static int OldWrites(FaultRig rig, MessageId message, string store)
    {
        var fences = File.ReadAllLines(StoreOf(rig, message, store)).Select(line => long.Parse(line, CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(fences);
        return fences.Where((fence, index) => fences.Take(index).Any(earlier => earlier > fence)).Count();
    }

    private static async Task StopForHalfAsync(string broker)
    {
        // Long, so that what the machine takes to stop a process and to wake it is little next to the fifteenth of the lease that is left in the worst case.
        var timeout = TimeSpan.FromSeconds(18);
        await using var rig = await FaultRig.StartAsync(broker);
        var message = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var worker = rig.Start("worker", $"queue:VisibilityTimeout={timeout}");
        await worker.DoesAsync(EffectKind.Start, message);
        var heir = rig.Start("heir", $"queue:VisibilityTimeout={timeout}");
        await heir.ReadyAsync();

        for (var stop = 0; stop < 2; stop++)
        {
            var frozen = await rig.FreezeAsync(worker);
            await Task.Delay((timeout / 2) - frozen.Elapsed);
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
