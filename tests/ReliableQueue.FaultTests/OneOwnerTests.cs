using System.Diagnostics;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

/// <summary>A second process is given the state file of the first, by whatever name.</summary>
public sealed class OneOwnerTests
{
    [Fact]
    public async Task A_state_file_reached_by_another_directory_has_one_owner_until_that_is_killed()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        Directory.CreateSymbolicLink(rig.PathOf("elsewhere"), Path.GetDirectoryName(rig.PathOf("owner.db")) ?? throw new InvalidOperationException("No directory."));
        await HasOneOwnerAsync(rig, Path.Combine(rig.PathOf("elsewhere"), "owner.db"));
    }

    [Fact]
    public async Task A_state_file_whose_lock_file_was_removed_has_one_owner_until_that_is_killed()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        await HasOneOwnerAsync(rig, rig.PathOf("owner.db"), () => File.Delete(rig.PathOf("owner.db.lock")));
    }

    [Theory]
    [InlineData("", "it has 2 names (hard links)")]
    [InlineData("-s", "it is a symbolic link")]
    public async Task A_second_name_of_a_state_file_in_use_is_refused_and_the_owner_works_on(string kind, string text)
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        var owner = rig.Start("owner");
        await owner.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        using var link = Process.Start("/bin/sh", ["-c", $"ln {kind} '{rig.PathOf("owner.db")}' '{rig.PathOf("second.db")}'"]);
        await link.WaitForExitAsync();

        var second = rig.Start("second");

        Assert.Equal(1, await second.EndAsync());
        await second.SaysAsync(text);
        await owner.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
    }

    private static async Task HasOneOwnerAsync(FaultRig rig, string path, Action? harm = null)
    {
        var owner = rig.Start("owner", "queue:VisibilityTimeout=01:00:00", "queue:Concurrency=1");
        var held = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        await owner.DoesAsync(EffectKind.Start, held);
        harm?.Invoke();
        var second = rig.Start("second", $"ReliableQueue:Worker:StateFile={path}", "queue:VisibilityTimeout=01:00:00");
        await second.SaysAsync("is held by");
        var waiting = await rig.EnqueueAsync(WorkOrderAct.Return);
        Assert.StartsWith("health Degraded", await second.AskAsync("health", "health "), StringComparison.Ordinal);
        Assert.Empty(rig.Effects(EffectKind.Start, waiting));

        // What the first held comes back at once, so the second owns the very file the first wrote to.
        await owner.KillAsync();
        await second.DoesAsync(EffectKind.Start, held);
        await second.DoesAsync(EffectKind.End, waiting);
        Assert.Equal([owner.Id, second.Id], rig.Effects(EffectKind.Start, held).Select(effect => effect.Process));
    }
}
