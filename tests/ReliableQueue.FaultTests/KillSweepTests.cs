using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;
using ReliableQueue.TestKit;

namespace ReliableQueue.FaultTests;

/// <summary>A process that kills itself at its k-th step, for every k there is: each is started on what the one before it left behind.</summary>
public sealed class KillSweepTests(ITestOutputHelper output)
{
    // Between these the effect is there and no record of it.
    private static readonly string[] gap = [Killed.AfterTheEffect, Killed.BeforeTheRecord, Killed.WhileRecording];

    private static readonly string[] start =
        [Killed.BeforeTheSession, Killed.WhileWriting, Killed.AfterTheSession, Killed.BeforeTheReturn, Killed.AfterTheReturn, Killed.BeforeTheEnd, Killed.AfterTheEnd];

    private static readonly string[] message =
    [
        Killed.AfterTheLease, Killed.BeforeTheEffect, .. gap, Killed.AfterTheRecord, Killed.BeforeTheSettlement, Killed.AfterTheSettlement, Killed.BeforeTheMark,
        Killed.AfterTheMark,
    ];

    [Fact]
    public Task A_worker_killed_at_each_step_of_its_messages_repeats_only_what_it_had_not_recorded() => Task.WhenAll(
        SweepAsync(FaultRig.Sqlite, message, $"KillFrom={Killed.AfterTheLease}"), SweepAsync(FaultRig.RedisName, message, $"KillFrom={Killed.AfterTheLease}"));

    [Fact]
    public Task A_worker_killed_at_each_step_of_its_start_and_its_end_loses_nothing() => SweepAsync(FaultRig.Sqlite, start);

    private async Task SweepAsync(string broker, string[] steps, params string[] settings)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        List<MessageId> returned = [];
        List<MessageId> rejected = [];
        List<Killed> kills = [];
        var code = 1;
        while (code != 0)
        {
            if (await rig.CountAsync() is var left && left.Ready + left.Leased < 2)
            {
                returned.Add(await rig.EnqueueAsync(WorkOrderAct.Return));
                rejected.Add(await rig.EnqueueAsync(WorkOrderAct.Reject));
            }

            string[] queue = ["queue:Concurrency=1", "queue:Retry:MaxDeliveries=1000", "queue:JournalCompletions=true", "queue:VisibilityTimeout=01:00:00"];
            var isLast = steps == start && !start.Except(kills.Select(kill => kill.Step)).Any();
            var worker = rig.Start("worker", [$"KillAt={(isLast ? 0 : kills.Count + 1)}", .. queue, .. settings]);
            var ended = worker.EndAsync();
            await Eventually.TrueAsync(
                async () => ended.IsCompleted || await rig.CountAsync() is { Ready: 0, Leased: 0 }, "the worker is dead, or has nothing left to do", TimeSpan.FromSeconds(120));

            // It may kill itself this moment, after the settlement of its last message.
            await worker.TryStopAsync();
            code = await ended;
            if (code != 0)
            {
                kills.Add(Killed.Parse(await worker.SaysAsync(Killed.Word)) ?? throw new InvalidOperationException($"Ended with {code}: {worker.Said}"));
            }
        }

        output.WriteLine($"{broker}: {kills.Count} kills: {string.Join(", ", kills.Select(kill => kill.Step))}");
        Assert.Empty(steps.Except(kills.Select(kill => kill.Step)));
        AssertRepeatedOnlyInTheGap(EffectKind.End, returned);
        AssertRepeatedOnlyInTheGap(EffectKind.Fail, rejected);
        var letters = await rig.DeadLettersAsync();
        Assert.Equal(rejected.Order(), letters.Select(letter => letter.Id).Order());
        Assert.All(letters, letter => Assert.Equal(DeadLetterReason.Rejected, letter.DeadLetterReason));
        var handledAgain = kills.Where(kill => gap.Contains(kill.Step)).Select(kill => kill.Message).Intersect(returned).Count();
        await rig.FinishedAsync(new Permitted { DeadLetters = rejected.Count, HandledAgain = handledAgain });

        void AssertRepeatedOnlyInTheGap(EffectKind kind, IEnumerable<MessageId> messages) => Assert.All(messages, message => Assert.Equal(
            1 + kills.Count(kill => kill.Message == message && gap.Contains(kill.Step)), rig.Effects(kind, message).Count));
    }
}
