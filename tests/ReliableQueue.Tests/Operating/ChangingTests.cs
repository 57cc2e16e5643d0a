using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Operating;

/// <summary>What an operator does to queues, and how it ends when the broker does not answer.</summary>
public sealed class ChangingTests : IDisposable
{
    private readonly OperatorRig rig = new();

    [Fact]
    public async Task Redrive_AnyNumberOfIds_PutsEachBackOnceAndNamesThoseThatAreNoDeadLetters()
    {
        var ids = await rig.EnqueueAsync(1_200);
        await rig.DeadLetterAllAsync();
        var ready = await rig.EnqueueAsync("not dead");

        var result = await rig.Operator.RedriveAsync(OperatorRig.Queue, [ready, .. ids, ids[0], ids[^1]], OperatorRig.Token);

        Assert.Equal(1_200, result.Done);
        Assert.Equal([ready], result.NotThere);
        Assert.Empty(await rig.BrowseAsync(MessageState.DeadLettered));
        Assert.True(await rig.Operator.GetStatisticsAsync(OperatorRig.Queue, OperatorRig.Token) is { Ready: 1_201, DeadLettered: 0 });
        Assert.True(await rig.Operator.FindAsync(OperatorRig.Queue, ids[0], OperatorRig.Token) is { Generation: 1, DeliveryCount: 0, Reason: null, Error: null });
    }

    [Fact]
    public async Task Redrive_NoIds_CallsNobody()
    {
        rig.Broker.Before = name => throw new InvalidOperationException(name);

        Assert.Equal(0, (await rig.Operator.RedriveAsync(OperatorRig.Queue, [], OperatorRig.Token)).Done);
    }

    [Fact]
    public async Task Redrive_AnswerLost_IsRepeatedAndCountsWhatItKnows()
    {
        var ids = await rig.EnqueueAsync(2);
        await rig.DeadLetterAllAsync();
        rig.LoseOneAnswer("redrive");

        var redriving = rig.Operator.RedriveAsync(OperatorRig.Queue, ids, OperatorRig.Token);
        await rig.PassPausesUntilAsync(redriving);

        var result = await redriving;
        Assert.Equal(0, result.Done);
        Assert.Equal(ids, result.NotThere);
        Assert.Empty(await rig.BrowseAsync(MessageState.DeadLettered));
    }

    [Fact]
    public async Task Redrive_BrokerGoneAfterTheFirstBatch_SaysHowManyWereDoneAndThatTheRestWasNot()
    {
        var ids = await rig.EnqueueAsync(BrokerLimits.BatchSize + 1);
        await rig.DeadLetterAllAsync();
        rig.Broker.After = name =>
        {
            rig.Fail("redrive", BrokerFault.NotApplied);
            return Task.CompletedTask;
        };

        var redriving = rig.Operator.RedriveAsync(OperatorRig.Queue, ids, OperatorRig.Token);
        await rig.PassPausesUntilAsync(redriving);

        var failure = await Assert.ThrowsAsync<QueueOperationException>(() => redriving);
        Assert.Equal((QueueName.Parse(OperatorRig.Queue), BrokerFault.NotApplied, BrokerLimits.BatchSize), (failure.Queue, failure.Fault, failure.Done));
        Assert.Equal("Queue 'emails': redriving after 500 messages failed: the broker could not be reached for 00:00:15 (EnqueueTimeout). The wire is cut.", failure.Message);
    }

    [Fact]
    public async Task Delete_BrokerThatMayHaveDoneIt_SaysSo()
    {
        var id = await rig.EnqueueAsync("hello");

        var before = rig.Time.GetTimestamp();
        rig.LoseOneAnswer("delete", thenFail: BrokerFault.NotApplied);

        var failing = rig.Operator.DeleteAsync(OperatorRig.Queue, [id], OperatorRig.Token);
        await rig.PassPausesUntilAsync(failing);

        var failure = await Assert.ThrowsAsync<QueueOperationException>(() => failing);
        Assert.Equal(BrokerFault.Unknown, failure.Fault);
        Assert.Contains("may be done all the same", failure.Message, StringComparison.Ordinal);
        Assert.InRange(rig.Time.GetElapsedTime(before), OperatorRig.Timeout - TimeSpan.FromSeconds(3), OperatorRig.Timeout);
    }

    [Fact]
    public async Task Delete_MessagesOfAnyState_TakesThemAway()
    {
        var ids = await rig.EnqueueAsync(2);
        var leased = Assert.Single(await rig.LeaseAsync());

        var result = await rig.Operator.DeleteAsync(OperatorRig.Queue, ids, OperatorRig.Token);
        await rig.SettleAsync(leased, new Settlement.Retry(TimeSpan.Zero, "late"));

        Assert.Equal(2, result.Done);
        Assert.Empty(result.NotThere);
        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), await rig.Operator.GetStatisticsAsync(OperatorRig.Queue, OperatorRig.Token));
    }

    [Fact]
    public async Task Operation_BrokerRefuses_FailsAtOnce()
    {
        rig.Fail("statistics", BrokerFault.Refused);

        var failure = await Assert.ThrowsAsync<QueueOperationException>(() => rig.Operator.GetStatisticsAsync(OperatorRig.Queue, OperatorRig.Token));

        Assert.Equal(("Queue 'emails': counting failed: the broker refused. The wire is cut.", BrokerFault.Refused), (failure.Message, failure.Fault));
        Assert.IsType<BrokerException>(failure.InnerException);
    }

    [Fact]
    public async Task Browse_BrokerThatComesBack_GoesOn()
    {
        await rig.EnqueueAsync(150);
        rig.LoseOneAnswer("browse");

        var browsing = rig.BrowseAsync(MessageState.Ready);
        await rig.PassPausesUntilAsync(browsing);

        Assert.Equal(150, (await browsing).Count);
    }

    [Fact]
    public async Task Purge_OfAState_DeletesAllOfItAndTellsHowFarItIs()
    {
        await rig.EnqueueAsync(1_201);
        await rig.DeadLetterAllAsync();
        await rig.EnqueueAsync("stays");
        var progress = new Reports();

        var purged = await rig.Operator.PurgeAsync(OperatorRig.Queue, MessageState.DeadLettered, progress, OperatorRig.Token);

        Assert.Equal(1_201, purged);
        Assert.Equal([500, 1_000, 1_201], progress.Heard);
        Assert.True(await rig.Operator.GetStatisticsAsync(OperatorRig.Queue, OperatorRig.Token) is { Ready: 1, DeadLettered: 0 });
    }

    [Fact]
    public async Task Purge_Cancelled_StopsBetweenTwoCallsAndSaysHowFarItCame()
    {
        await rig.EnqueueAsync(1_201);
        using var cancelling = new CancellationTokenSource();

        var failure = await Assert.ThrowsAsync<OperationCanceledException>(
            () => rig.Operator.PurgeAsync(OperatorRig.Queue, MessageState.Ready, new Reports(cancelling.Cancel), cancelling.Token));

        Assert.StartsWith("Queue 'emails': purging after 500 messages was cancelled", failure.Message, StringComparison.Ordinal);
        Assert.Equal(701, (await rig.Operator.GetStatisticsAsync(OperatorRig.Queue, OperatorRig.Token)).Ready);
    }

    [Fact]
    public async Task Pause_ForAWhile_EndsByItself()
    {
        await rig.EnqueueAsync("waits");

        await rig.Operator.PauseAsync(OperatorRig.Queue, TimeSpan.FromMinutes(5), OperatorRig.Token);
        Assert.True((await rig.Operator.GetStatisticsAsync(OperatorRig.Queue, OperatorRig.Token)).IsPaused);
        Assert.Empty(await rig.LeaseAsync());

        rig.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(await rig.LeaseAsync());
    }

    [Fact]
    public async Task Resume_PausedQueue_GoesOn()
    {
        await rig.EnqueueAsync("waits");
        await rig.Operator.PauseAsync(OperatorRig.Queue, null, OperatorRig.Token);
        Assert.Empty(await rig.LeaseAsync());

        await rig.Operator.ResumeAsync(OperatorRig.Queue, OperatorRig.Token);

        Assert.Single(await rig.LeaseAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(366)]
    public async Task Pause_ForNoTimeOrTooLong_IsRefused(int days) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.Operator.PauseAsync(OperatorRig.Queue, TimeSpan.FromDays(days), OperatorRig.Token));

    [Fact]
    public async Task Operation_BrokerWithoutTheAbility_IsRefusedBeforeAnythingIsSent()
    {
        using var lacking = new OperatorRig(BrokerAbilities.None);
        lacking.Broker.Before = name => throw new InvalidOperationException(name);

        var redrive = await Assert.ThrowsAsync<NotSupportedException>(() => lacking.Operator.RedriveAsync(OperatorRig.Queue, [default], OperatorRig.Token));
        var pause = await Assert.ThrowsAsync<NotSupportedException>(() => lacking.Operator.PauseAsync(OperatorRig.Queue, null, OperatorRig.Token));
        var resume = await Assert.ThrowsAsync<NotSupportedException>(() => lacking.Operator.ResumeAsync(OperatorRig.Queue, OperatorRig.Token));

        Assert.Equal("The broker Memory cannot do this: Redrive.", redrive.Message);
        Assert.Equal(("The broker Memory cannot do this: Pause.", pause.Message), (pause.Message, resume.Message));
    }

    [Fact]
    public async Task Operation_QueueNameOrStateThatIsNone_IsRefusedAtTheCall()
    {
        Assert.Throws<ArgumentException>(() => rig.Operator.BrowseAsync("No Queue", MessageState.Ready, OperatorRig.Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Operator.BrowseAsync(OperatorRig.Queue, (MessageState)9, OperatorRig.Token));
        await Assert.ThrowsAsync<ArgumentException>(() => rig.Operator.PurgeAsync("No Queue", MessageState.Ready, null, OperatorRig.Token));
    }

    public void Dispose() => rig.Dispose();

    /// <summary>Keeps what it is told, and acts then.</summary>
    private sealed class Reports(Action? then = null) : IProgress<long>
    {
        public List<long> Heard { get; } = [];

        public void Report(long value)
        {
            Heard.Add(value);
            then?.Invoke();
        }
    }
}
