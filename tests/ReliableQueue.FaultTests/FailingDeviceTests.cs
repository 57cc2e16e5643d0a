using System.Diagnostics;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>The disk of the queue file is full, or answers every write with an error, while a worker works, and is mended later.</summary>
public sealed class FailingDeviceTests(ITestOutputHelper output)
{
    // The files of the worker stay far below: only the log of the queue file reaches the limit.
    private const int Ballast = 200_000;

    [Fact]
    public async Task A_queue_file_whose_disk_is_full_keeps_what_it_has_refuses_for_certain_and_goes_on_when_there_is_room()
    {
        using var disk = new SmallDisk(Directory.CreateTempSubdirectory("rq-disk-").FullName, kilobytes: 4096);
        await using var rig = FaultRig.OnFile(Path.Combine(disk.Path, "queue.db"));
        if (!disk.IsMounted)
        {
            output.WriteLine("No file system may be mounted here: every write fails instead.");
            await LiveAsync(rig, worker => LimitAsync(rig, worker), MendAsync, "disk fails");
            return;
        }

        var refused = await LiveAsync(rig, _ => Run(() => disk.Fill()), _ => Run(disk.MakeRoom), "is full");
        Assert.Contains("was full for", refused, StringComparison.Ordinal);
        Assert.Equal(6, rig.Effects().Count(effect => effect.Kind == EffectKind.Start));
    }

    [Fact]
    public async Task A_queue_file_whose_every_write_fails_keeps_what_it_has_says_what_is_unknown_and_goes_on_when_writes_succeed()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        var refused = await LiveAsync(rig, worker => LimitAsync(rig, worker), MendAsync, "disk fails");
        Assert.Contains("enqueued, or not, or later", refused, StringComparison.Ordinal);
    }

    /// <summary>What the producer of the failing process was told.</summary>
    private async Task<string> LiveAsync(FaultRig rig, Func<WorkerProcess, Task> breakAsync, Func<WorkerProcess, Task> mendAsync, string fault)
    {
        await rig.Client.EnqueueAsync(WorkOrder.Queue, new WorkOrder(WorkOrderAct.Return) { Ballast = new string('x', Ballast) });
        var held = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        var worker = rig.Start("worker", "queue:Concurrency=1", "ReliableQueue:Messages:EnqueueTimeout=00:00:02");
        await worker.DoesAsync(EffectKind.Start, held);
        var waiting = await rig.EnqueueAsync(3, WorkOrderAct.Return);
        await breakAsync(worker);

        var refused = await worker.AskAsync("enqueue", "failed enqueue");
        output.WriteLine(refused);
        await worker.TellAsync(Permission.Return);
        await worker.DoesAsync(EffectKind.End, held);
        await worker.SaysAsync($"Settling 1 messages of queue {WorkOrder.Queue} failed");
        Assert.Contains(fault, await worker.AskAsync("health", "health "), StringComparison.Ordinal);
        var counts = await rig.CountAsync();
        Assert.Equal((waiting.Count, 1), (counts.Ready, counts.Leased));

        await mendAsync(worker);
        await worker.AskAsync("enqueue", "enqueued");
        await rig.FinishedAsync();
        var starts = rig.Effects().Where(effect => effect.Kind == EffectKind.Start).ToList();
        Assert.All(starts, start => Assert.Equal(1, start.DeliveryCount));
        Assert.Equal(starts.Count, starts.DistinctBy(start => start.Message).Count());
        Assert.Equal(starts.Count, rig.Effects().Count(effect => effect.Kind == EffectKind.End));
        Assert.All(waiting, message => Assert.Single(rig.Effects(EffectKind.End, message)));
        await worker.StopAsync();
        await worker.EndAsync();
        return refused;
    }

    /// <summary>No file of the process may grow beyond what the log is now: what comes after it cannot be written.</summary>
    private static Task LimitAsync(FaultRig rig, WorkerProcess worker) => LimitAsync(worker, $"{new FileInfo(rig.Address[(FaultRig.Sqlite.Length + 1)..] + "-wal").Length}:unlimited");

    private static Task MendAsync(WorkerProcess worker) => LimitAsync(worker, "unlimited:unlimited");

    private static async Task LimitAsync(WorkerProcess worker, string bytes)
    {
        using var limit = Process.Start("prlimit", [$"--pid={worker.Id}", $"--fsize={bytes}"]);
        await limit.WaitForExitAsync();
        Assert.Equal(0, limit.ExitCode);
    }

    private static Task Run(Action act)
    {
        act();
        return Task.CompletedTask;
    }
}
