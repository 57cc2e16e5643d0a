using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

public sealed class BatchKillTests(ITestOutputHelper output)
{
    private const int Kills = 5;
    private const int Size = 20;
    private const int Concurrency = 40;
    private const int Messages = 1_000;

    [Theory]
    [InlineData(FaultRig.Sqlite)]
    [InlineData(FaultRig.RedisName)]
    public async Task A_worker_killed_in_its_batches_loses_nothing_and_repeats_at_most_what_was_in_hand(string broker)
    {
        await using var rig = await FaultRig.StartAsync(broker);

        // An hour: what the state file of the killed worker does not give back stays away until the test fails.
        string[] settings =
        [
            "InBatches=true", $"queue:Concurrency={Concurrency}", $"queue:Batch:Size={Size}", "queue:VisibilityTimeout=01:00:00", "queue:Retry:MaxDeliveries=1000",
        ];
        var enqueued = await rig.EnqueueAsync(Messages, WorkOrderAct.Return, milliseconds: 100);
        for (var kill = 0; kill < Kills; kill++)
        {
            var worker = rig.Start("worker", settings);
            await worker.DoesAsync(EffectKind.Start, times: 2 * Size);
            await worker.KillAsync();
        }

        rig.Start("worker", settings);
        var tally = await rig.FinishedAsync(new Permitted { HandledAgain = Kills * Concurrency });

        var starts = rig.Effects().Where(effect => effect.Kind == EffectKind.Start).ToList();
        output.WriteLine($"{broker}: {starts.Count} starts of {enqueued.Count} messages, {Kills} kills. {tally}");
        Assert.Equal(Messages, tally.Handled);
        Assert.InRange(starts.Count - Messages, 1, Kills * Concurrency);
    }
}
