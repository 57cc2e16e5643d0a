using System.Text.RegularExpressions;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>What a person sees who starts a worker on something that is wrong.</summary>
public sealed class BadStartTests
{
    [Fact]
    public async Task A_Redis_that_evicts_keeps_the_host_from_starting_and_the_text_holds_the_fix()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, "--maxmemory-policy", "allkeys-lru");
        var worker = rig.Start("worker");

        Assert.Equal(1, await worker.EndAsync());
        await worker.SaysAsync("CONFIG SET maxmemory-policy noeviction");
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_not_shown()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await rig.Redis.CommandAsync("CONFIG", "SET", "requirepass", "the-right-one");
        var worker = rig.Start("worker", $"Broker={rig.Address},password=the-wrong-one");
        await worker.ReadyAsync();

        var health = await worker.AskAsync("health", "health ");

        Assert.StartsWith("health Unhealthy", health, StringComparison.Ordinal);
        Assert.True(Regex.IsMatch(health, "password|auth", RegexOptions.IgnoreCase), health);
        Assert.DoesNotContain("the-wrong-one", worker.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_file_that_is_a_text_file_keeps_the_host_from_starting_and_is_left_alone()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        var path = rig.PathOf("worker.db");
        var text = string.Concat(Enumerable.Repeat("Dear diary, today I was taken for a database.\n", 100));
        await File.WriteAllTextAsync(path, text);
        var worker = rig.Start("worker");

        Assert.Equal(1, await worker.EndAsync());
        await worker.SaysAsync(path);
        Assert.Equal(text, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_Redis_that_is_away_does_not_keep_the_host_from_starting_and_is_used_when_it_comes()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName);
        await rig.Redis.StopAsync();
        var worker = rig.Start("worker");

        await worker.ReadyAsync();
        Assert.StartsWith("health Unhealthy", await worker.AskAsync("health", "health "), StringComparison.Ordinal);
        await rig.Redis.StartAgainAsync();
        await worker.DoesAsync(EffectKind.End, await rig.EnqueueAsync(WorkOrderAct.Return));
        await Eventually.TrueAsync(
            async () => (await worker.AskAsync("health", "health ")).StartsWith("health Healthy", StringComparison.Ordinal), "the worker is healthy again");
    }
}
