using System.Diagnostics;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

[Collection(nameof(AloneCollection))]
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 20;
    private const int Concurrency = 16;
    private const int LoadPerSecond = 650;

    [Theory]
    [InlineData(FaultRig.Sqlite)]
    [InlineData(FaultRig.RedisName)]
    public async Task Twenty_kills_of_workers_under_load_lose_nothing_and_repeat_at_most_what_was_in_hand(string broker)
    {
        await using var rig = await FaultRig.StartAsync(broker);

        // With a visibility timeout of an hour, whatever is not given back by the state file of the killed worker stays away until the test fails. No message is killed
        // often enough to be dead-lettered.
        string[] settings = [$"queue:Concurrency={Concurrency}", "queue:VisibilityTimeout=01:00:00", "queue:Retry:MaxDeliveries=1000"];
        WorkerProcess[] workers = [rig.Start("first", settings), rig.Start("second", settings)];
        string[] names = ["first", "second"];
        foreach (var worker in workers)
        {
            await worker.ReadyAsync();
        }

        var random = new Random(20260101);
        var clock = Stopwatch.StartNew();
        await using var load = new Load(rig, LoadPerSecond, milliseconds: 5);
        for (var kill = 0; kill < Kills; kill++)
        {
            var victim = kill % workers.Length;
            await workers[victim].DoesAsync(EffectKind.Start, times: random.Next(20, 120));
            await workers[victim].KillAsync();
            workers[victim] = rig.Start(names[victim], settings);
        }

        var loaded = clock.Elapsed;
        var enqueued = await load.StopAsync();
        var rate = enqueued.Count / loaded.TotalSeconds;
        var tally = await rig.FinishedAsync(new Permitted { HandledAgain = Kills * Concurrency });

        var starts = rig.Effects().Count(effect => effect.Kind == EffectKind.Start);
        output.WriteLine($"{broker}: {Kills} kills, {rate:F0} messages/s offered, all handled after {clock.Elapsed.TotalSeconds:F1} s, {starts} starts. {tally}");
        Assert.Equal((enqueued.Count, enqueued.Count), (tally.Acknowledged, tally.Handled));
        Assert.InRange(starts - tally.Handled, 0, Kills * Concurrency);
        Assert.True(rate >= 500, $"Only {rate:F0} messages/s: that is no load.");
    }
}
