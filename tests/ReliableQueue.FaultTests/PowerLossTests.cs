using System.Text;
using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

/// <summary>Power loss of the machine Redis runs on: the last writes it acknowledged never reached the disk, so the tail of the append-only file is missing.</summary>
public sealed class PowerLossTests(ITestOutputHelper output)
{
    private static readonly string[] appendOnly = ["--appendonly", "yes", "--appendfsync", "everysec"];
    private static readonly string[] journalling = ["queue:JournalCompletions=true", "queue:VisibilityTimeout=00:00:10"];

    private static readonly Permitted loss = new() { BrokerMayLose = true };

    [Fact]
    public async Task A_power_loss_that_cuts_an_ack_in_two_is_reported_and_the_finished_message_that_came_back_is_not_run_again()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, appendOnly);
        var worker = rig.Start("worker", journalling);
        var story = await LosePowerInTheAckAsync(rig, worker);

        await rig.Redis.StartAgainAsync();
        await worker.SaysAsync("BrokerStateRegressed");

        // The number of this producer's last answered call is gone too.
        await worker.AskAsync("enqueue", "enqueued ");
        await worker.SaysAsync("the broker has lost writes it had acknowledged");
        await worker.TellAsync(Permission.Return);
        await rig.FinishedAsync(loss);

        Assert.Single(rig.Effects(EffectKind.Start, story.Finished));
        Assert.Single(rig.Effects(EffectKind.Start, story.Kept));
        Assert.Single(rig.Effects(EffectKind.End, story.Kept));
        Assert.Single(rig.Effects(EffectKind.Start, story.Lost));
        Assert.StartsWith("health Degraded", await worker.AskAsync("health", "health "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_power_loss_that_takes_the_worker_too_is_reported_at_its_next_start_and_what_it_finished_is_not_run_again()
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, appendOnly);
        var worker = rig.Start("worker", journalling);
        var story = await LosePowerInTheAckAsync(rig, worker);

        await worker.KillAsync();
        await rig.Redis.StartAgainAsync();
        var successor = rig.Start("worker", journalling);
        await successor.TellAsync(Permission.Return);
        await successor.SaysAsync("BrokerStateRegressed");
        await successor.DoesAsync(EffectKind.End, story.Kept);
        await rig.FinishedAsync(loss);

        Assert.Single(rig.Effects(EffectKind.Start, story.Finished));
        Assert.Single(rig.Effects(EffectKind.End, story.Kept));
        Assert.Empty(rig.Effects(EffectKind.End, story.Lost));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50_000)]
    public async Task A_power_loss_under_load_loses_no_more_than_was_cut_and_runs_nothing_again_that_was_finished(int cut)
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.RedisName, appendOnly);

        // Slower than the load, so that messages wait their turn and a loss is a loss.
        var worker = rig.Start("worker", [.. journalling, "queue:Concurrency=3"]);
        await worker.ReadyAsync();
        await using var load = new Load(rig, perSecond: 200, milliseconds: 20, most: 400);
        await worker.DoesAsync(EffectKind.End, times: 100);

        // The load may have ended by now; this one is in what is cut, and not finished before.
        var last = await rig.EnqueueAsync(WorkOrderAct.Return, milliseconds: 3_000);
        await rig.Redis.KillWithNothingHeldBackAsync("everysec");
        var file = await File.ReadAllBytesAsync(rig.Redis.AppendOnlyFile);
        await CutAsync(rig, file.Length - cut);
        await rig.Redis.StartAgainAsync();
        await worker.DoesMoreAsync(EffectKind.End, times: 20);
        MessageId[] enqueued = [.. await load.StopAsync(), last];
        var tally = await rig.FinishedAsync(loss);

        var lost = await rig.LostAsync(enqueued);
        var whole = WholeBefore(file, file.Length - cut);
        var (kept, gone) = (file.AsMemory(0, whole), file.AsMemory(whole));
        output.WriteLine($"{cut} bytes cut, {gone.Length} with the command they were part of. {tally}");
        Assert.All(lost, message => Assert.True(kept.Span.IndexOf(message.ToByteArray()) < 0, $"{message} is lost and was in what was kept."));
        Assert.All(lost, message => Assert.True(gone.Span.IndexOf(message.ToByteArray()) >= 0, $"{message} is lost and was not in what was cut."));
        Assert.Empty(rig.RunAgain());
        if (cut > 1)
        {
            Assert.NotEmpty(lost);
            await worker.SaysAsync("BrokerStateRegressed");
        }
    }

    /// <summary>One message runs, one is acked, one more is enqueued and runs; then the power goes, and of the file everything from the middle of the ack on.</summary>
    private static async Task<(MessageId Kept, MessageId Finished, MessageId Lost)> LosePowerInTheAckAsync(FaultRig rig, WorkerProcess worker)
    {
        var kept = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        await worker.DoesAsync(EffectKind.Start, kept);
        await worker.AskAsync("enqueue", "enqueued ");
        var finished = (await worker.DoesAsync(EffectKind.End)).Message;
        await LeasedAsync(rig, 1);
        await worker.AskAsync("enqueue", "enqueued ");
        await worker.DoesAsync(EffectKind.End, times: 2);
        var lost = await rig.EnqueueAsync(WorkOrderAct.WhenTold);
        await worker.DoesAsync(EffectKind.Start, lost);
        await LeasedAsync(rig, 2);

        await rig.Redis.KillWithNothingHeldBackAsync("everysec");
        var file = await File.ReadAllBytesAsync(rig.Redis.AppendOnlyFile);
        byte[] ack = [.. Encoding.ASCII.GetBytes($"HDEL\r\n$20\r\n{{rq:{WorkOrder.Queue}}}:messages\r\n$16\r\n"), .. finished.ToByteArray()];
        var at = file.AsSpan().IndexOf(ack);
        Assert.True(at > 0, "The ack is not in the append-only file.");
        await CutAsync(rig, at + ack.Length - 8);
        return (kept, finished, lost);
    }

    private static Task LeasedAsync(FaultRig rig, int count) =>
        TestKit.Eventually.TrueAsync(async () => await rig.CountAsync() is { Ready: 0 } counts && counts.Leased == count, $"{count} messages are leased and no other is there");

    private static async Task CutAsync(FaultRig rig, int length)
    {
        await using var file = new FileStream(rig.Redis.AppendOnlyFile, FileMode.Open, FileAccess.Write);
        file.SetLength(length);
    }

    /// <summary>How much of a file cut here Redis can use: a script's writes count whole or not at all.</summary>
    private static int WholeBefore(byte[] file, int length)
    {
        var end = "*1\r\n$4\r\nEXEC\r\n"u8;
        var last = file.AsSpan(0, length).LastIndexOf(end);
        return last < 0 ? 0 : last + end.Length;
    }
}
