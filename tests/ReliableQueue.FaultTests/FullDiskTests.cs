using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>The disk of the state file is full while the worker works, and has room again later.</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_full_disk_under_the_state_file_stops_leasing_lets_running_handlers_finish_and_is_left_behind_without_a_restart()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        using var disk = new SmallDisk(rig.PathOf("disk"), kilobytes: 640);
        var full = rig.PathOf("full");

        // Elsewhere the worker is told that the disk is full while the file is there.
        output.WriteLine(disk.IsMounted ? "A file system that is full." : "Every write is told so: no file system may be mounted here.");
        var running = await rig.EnqueueAsync(3, WorkOrderAct.WhenTold);
        var worker = rig.Start(
            "worker", $"ReliableQueue:Worker:StateFile={Path.Combine(disk.Path, "worker.db")}", $"FullWhile={(disk.IsMounted ? "" : full)}", "queue:Concurrency=4", "queue:JournalCompletions=true");
        await worker.DoesAsync(EffectKind.Start, times: running.Count);

        disk.Fill();
        File.Create(full).Dispose();
        var rejected = await rig.EnqueueAsync(WorkOrderAct.Reject);
        await worker.DoesAsync(EffectKind.Fail, rejected);
        await Eventually.TrueAsync(
            async () => (await worker.AskAsync("health", "health ")).StartsWith("health Unhealthy", StringComparison.Ordinal), "the worker is unhealthy");
        Assert.Contains("disk is full", await worker.AskAsync("health", "health "), StringComparison.Ordinal);

        var waiting = await rig.EnqueueAsync(WorkOrderAct.Return);
        await worker.TellAsync(Permission.Return);
        await worker.DoesAsync(EffectKind.End, times: running.Count);
        await Eventually.TrueAsync(async () => await rig.CountAsync() is { Ready: 1, Leased: 0, DeadLettered: 1 }, "what ran is acked, what was rejected is dead-lettered");

        // Longer than an idle worker waits for its next look.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Empty(rig.Effects(EffectKind.Start, waiting));

        disk.MakeRoom();
        File.Delete(full);
        await worker.DoesAsync(EffectKind.End, waiting);
        await rig.FinishedAsync(new Permitted { DeadLetters = 1 });
        await Eventually.TrueAsync(
            async () => (await worker.AskAsync("health", "health ")).StartsWith("health Healthy", StringComparison.Ordinal), "the worker is healthy again");
        Assert.Equal(running.Count + 2, rig.Effects().Count(effect => effect.Kind == EffectKind.Start));
        await worker.StopAsync();
        await worker.EndAsync();
    }
}
