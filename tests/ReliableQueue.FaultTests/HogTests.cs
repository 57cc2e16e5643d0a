using System.Diagnostics;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

/// <summary>A process that stands still for its garbage collector, and a machine without a free core.</summary>
[Collection(nameof(AloneCollection))]
public sealed class HogTests(ITestOutputHelper output)
{
    private const int Milliseconds = 9_000;

    [Theory]
    [InlineData(WorkOrderAct.HogTheHeap)]
    [InlineData(WorkOrderAct.HogTheCores)]
    public async Task A_worker_that_is_short_of_memory_or_of_cores_repeats_nothing(WorkOrderAct act)
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        var messages = (await rig.EnqueueAsync(4, WorkOrderAct.Return, Milliseconds)).Append(await rig.EnqueueAsync(act, Milliseconds)).ToList();
        var worker = rig.Start("worker", "queue:VisibilityTimeout=00:00:06", "queue:Concurrency=5");
        await worker.DoesAsync(EffectKind.Start, times: messages.Count);
        rig.Start("heir", "queue:VisibilityTimeout=00:00:06");
        var clock = Stopwatch.StartNew();
        await rig.FinishedAsync();

        output.WriteLine($"{act}: done after {clock.Elapsed.TotalSeconds:F1} s.");
        Assert.All(messages, message => Assert.Single(rig.Effects(EffectKind.Start, message)));
        Assert.All(messages, message => Assert.Single(rig.Effects(EffectKind.End, message)));
    }
}
