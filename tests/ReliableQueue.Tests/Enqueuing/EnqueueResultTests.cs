using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>What the broker answers to each message reaches the caller of that message, whoever else was in the call.</summary>
public sealed class EnqueueResultTests
{
    private static readonly EnqueueResult stored = EnqueueResult.Stored.Instance;

    [Fact]
    public async Task EnqueueAsync_ManyCallersInOneCall_EachGetsItsOwnResult()
    {
        await using var rig = new EnqueueRig();
        await OccupyAllLanesAsync(rig);
        var enqueued = Enumerable.Range(0, 3).Select(number => rig.EnqueueAsync($"{number}")).ToList();
        rig.Lanes[0].Store();
        var attempt = await rig.Broker.NextAsync();
        var existing = NewId(rig);
        attempt.Store(results: [stored, new EnqueueResult.Duplicate(existing), stored]);

        Assert.Equal([attempt.Ids[0], existing, attempt.Ids[2]], await Task.WhenAll(enqueued));
    }

    [Fact]
    public async Task EnqueueAsync_AnswerLost_TheRepetitionGivesTheResults()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.Unknown);
        await rig.PassPauseAsync();
        var existing = NewId(rig);
        (await rig.Broker.NextAsync()).Store(CallStanding.Repeated, results: [new EnqueueResult.Duplicate(existing)]);

        Assert.Equal(existing, await enqueued);
    }

    [Fact]
    public async Task EnqueueAsync_AMessageBeforeItWasWithdrawn_StillGetsItsOwnResult()
    {
        await using var rig = new EnqueueRig();
        await OccupyAllLanesAsync(rig);
        using var cancel = new CancellationTokenSource();
        var withdrawn = rig.EnqueueAsync("withdrawn", cancel.Token);
        var (first, second) = (rig.EnqueueAsync("first"), rig.EnqueueAsync("second"));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn);
        rig.Lanes[0].Store();
        var attempt = await rig.Broker.NextAsync();
        var existing = NewId(rig);
        attempt.Store(results: [stored, new EnqueueResult.Duplicate(existing)]);

        Assert.Equal(2, attempt.Ids.Count);
        Assert.Equal([attempt.Ids[0], existing], [await first, await second]);
    }

    [Fact]
    public async Task EnqueueManyAsync_SomeWereThereAlready_NamesThoseInTheirPlaces()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.Client.EnqueueManyAsync("emails", Enumerable.Range(0, 502).Select(number => new Note($"{number}")), null, default);
        EnqueueAttempt[] attempts = [await rig.Broker.NextAsync(), await rig.Broker.NextAsync()];
        var (large, small) = attempts[0].Ids.Count == 500 ? (attempts[0], attempts[1]) : (attempts[1], attempts[0]);
        var existing = NewId(rig);
        large.Store();
        small.Store(results: [stored, new EnqueueResult.Duplicate(existing)]);

        Assert.Equal([.. large.Ids, small.Ids[0], existing], await enqueued);
    }

    [Fact]
    public async Task EnqueueAsync_AWrongNumberOfResults_IsNoAnswer()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var first = await rig.Broker.NextAsync();
        first.Store(results: [stored, stored]);
        await rig.PassPauseAsync();
        var second = await rig.Broker.NextAsync();
        second.Store(CallStanding.Repeated);

        Assert.Same(first.Request, second.Request);
        Assert.Equal([await enqueued], second.Ids);
    }

    private static async Task OccupyAllLanesAsync(EnqueueRig rig)
    {
        for (var lane = 0; lane < 4; lane++)
        {
            _ = rig.EnqueueAsync();
            rig.Lanes.Add(await rig.Broker.NextAsync());
        }
    }

    private static MessageId NewId(EnqueueRig rig) => MessageId.New(rig.Time, SystemRandomSource.Instance);
}
