using ReliableQueue.Broker;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

public sealed class KillerMessageTests(ITestOutputHelper output)
{
    private const int Innocents = 99;
    private const int Limit = 5;
    private const int Concurrency = 32;

    // What the killer took with it between the end of a handler and its ack.
    private static readonly Permitted afterKills = new() { DeadLetters = 1, HandledAgain = Limit * Concurrency };

    [Theory]
    [InlineData(FaultRig.Sqlite, WorkOrderAct.FailFast)]
    [InlineData(FaultRig.RedisName, WorkOrderAct.Exit)]
    [InlineData(FaultRig.RedisName, WorkOrderAct.Kill)]
    public async Task A_message_that_kills_its_process_is_dead_lettered_at_the_limit_and_no_other_with_it(string broker, WorkOrderAct act)
    {
        await using var rig = await FaultRig.StartAsync(broker);
        var before = await rig.EnqueueAsync(20, WorkOrderAct.Return, milliseconds: 50);
        var killer = await rig.EnqueueAsync(act);
        var after = await rig.EnqueueAsync(Innocents - before.Count, WorkOrderAct.Return, milliseconds: 50);

        var starts = 1;
        var worker = StartWorker(rig);
        var finished = rig.FinishedAsync(afterKills);
        while (await Task.WhenAny(worker.EndAsync(), finished) != finished)
        {
            starts++;
            worker = StartWorker(rig);
        }

        await finished;
        var most = before.Concat(after).Max(message => rig.Effects(EffectKind.Start, message).Max(effect => effect.DeliveryCount));
        output.WriteLine($"{broker}, {act}: {starts} processes, an innocent message was delivered {most} times at most.");
        Assert.All(before.Concat(after), message => Assert.NotEmpty(rig.Effects(EffectKind.End, message)));
        Assert.InRange(most, 1, 3);
        var letter = Assert.Single(await rig.DeadLettersAsync());
        Assert.Equal((killer, DeadLetterReason.DeliveryLimit, Limit), (letter.Id, letter.DeadLetterReason, letter.DeliveryCount));
        Assert.Equal(Limit, rig.Effects(EffectKind.Start, killer).Count);
    }

    [Theory]
    [InlineData(WorkOrderAct.OverflowTheStack)]
    [InlineData(WorkOrderAct.ExhaustTheMemory)]
    [InlineData(WorkOrderAct.ThrowAsyncVoid)]
    public async Task A_message_that_ends_its_process_from_inside_is_dead_lettered_at_the_limit(WorkOrderAct act)
    {
        await using var rig = await FaultRig.StartAsync(FaultRig.Sqlite);
        var killer = await rig.EnqueueAsync(act);
        var innocents = await rig.EnqueueAsync(10, WorkOrderAct.Return, milliseconds: 20);
        var finished = rig.FinishedAsync(afterKills);
        var starts = 0;
        do
        {
            starts++;
        }
        while (await Task.WhenAny(StartWorker(rig).EndAsync(), finished) != finished);

        await finished;
        output.WriteLine($"{act}: {starts} processes.");
        Assert.All(innocents, message => Assert.NotEmpty(rig.Effects(EffectKind.End, message)));
        var letter = Assert.Single(await rig.DeadLettersAsync());
        Assert.Equal((killer, DeadLetterReason.DeliveryLimit, Limit), (letter.Id, letter.DeadLetterReason, letter.DeliveryCount));
        Assert.Equal(Limit, rig.Effects(EffectKind.Start, killer).Count);
    }

    private static WorkerProcess StartWorker(FaultRig rig) => rig.Start("worker", $"queue:Concurrency={Concurrency}", $"queue:Retry:MaxDeliveries={Limit}", "queue:VisibilityTimeout=01:00:00");
}
