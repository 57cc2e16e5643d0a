using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>What a caller is told, and what the broker is sent, when it fails in each of its ways.</summary>
public sealed class QueueClientFaultPathTests
{
    [Fact]
    public async Task EnqueueAsync_Stored_ReturnsTheIdThatWasSent()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var attempt = await rig.Broker.NextAsync();
        attempt.Store();

        Assert.Equal([await enqueued], attempt.Ids);
        Assert.Equal(1, attempt.Request.Call.Number);
    }

    [Fact]
    public async Task EnqueueAsync_AnswerLost_RepeatsTheVerySameCall()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var first = await rig.Broker.NextAsync();
        first.Fail(BrokerFault.Unknown);
        await rig.PassPauseAsync();
        var second = await rig.Broker.NextAsync();
        second.Store(CallStanding.Repeated);

        Assert.Same(first.Request, second.Request);
        Assert.Equal([await enqueued], second.Ids);
    }

    [Fact]
    public async Task EnqueueAsync_NotAppliedAtFirst_UsesTheNumberAgainAndTakesNewcomersAlong()
    {
        await using var rig = new EnqueueRig();
        var one = rig.EnqueueAsync("one");
        var first = await rig.Broker.NextAsync();
        first.Fail(BrokerFault.NotApplied);
        await rig.PassPauseAsync();
        var second = await rig.Broker.NextAsync();
        second.Store();

        Assert.Equal(first.Request.Call, second.Request.Call);
        Assert.Equal([await one], second.Ids);
    }

    [Fact]
    public async Task EnqueueAsync_NotAppliedForTheWholeTime_ThrowsBrokerUnavailable()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.NotApplied);
        await rig.FailUntilAsync(BrokerFault.NotApplied, enqueued);

        var exception = await Assert.ThrowsAsync<BrokerUnavailableException>(() => enqueued);
        Assert.Equal([0], exception.NotEnqueued);
        Assert.Equal("emails", exception.Queue.Value);
        Assert.Equal(BrokerFault.NotApplied, Assert.IsType<BrokerException>(exception.InnerException).Fault);
    }

    [Fact]
    public async Task EnqueueAsync_FullForTheWholeTime_ThrowsQueueFull()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.Full);
        await rig.FailUntilAsync(BrokerFault.Full, enqueued);

        Assert.Contains("full", (await Assert.ThrowsAsync<QueueFullException>(() => enqueued)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnqueueAsync_NoAnswerForTheWholeTime_ThrowsOutcomeUnknownWithTheId()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var attempt = await rig.Broker.NextAsync();
        rig.Time.Advance(EnqueueRig.Timeout);

        var exception = await Assert.ThrowsAsync<EnqueueOutcomeUnknownException>(() => enqueued);
        Assert.Equal(attempt.Ids, exception.MessageIds);
        Assert.Empty(exception.NotEnqueued);
    }

    [Fact]
    public async Task EnqueueAsync_OneAttemptUnknownThenOnlyNotApplied_StaysUnknown()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.Unknown);
        await rig.PassPauseAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.NotApplied);
        await rig.FailUntilAsync(BrokerFault.NotApplied, enqueued);

        await Assert.ThrowsAsync<EnqueueOutcomeUnknownException>(() => enqueued);
    }

    [Fact]
    public async Task EnqueueAsync_RefusedAtOnce_ThrowsWithoutTryingAgain()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.Refused);

        var exception = await Assert.ThrowsAsync<BrokerUnavailableException>(() => enqueued);
        Assert.Contains("scripted Refused", exception.Message, StringComparison.Ordinal);
        Assert.False(rig.Broker.HasAttempt);
    }

    [Fact]
    public async Task EnqueueAsync_RefusedAfterALostAnswer_ThrowsOutcomeUnknown()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.Unknown);
        await rig.PassPauseAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.Refused);

        await Assert.ThrowsAsync<EnqueueOutcomeUnknownException>(() => enqueued);
    }

    [Fact]
    public async Task EnqueueAsync_AfterACallWasGivenUpInDoubt_NeverUsesItsStampAgain()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var lost = await rig.Broker.NextAsync();
        lost.Fail(BrokerFault.Unknown);
        await rig.FailUntilAsync(BrokerFault.Unknown, enqueued);
        await Assert.ThrowsAsync<EnqueueOutcomeUnknownException>(() => enqueued);

        for (var turn = 0; turn < 8; turn++)
        {
            var next = rig.EnqueueAsync();
            var attempt = await rig.Broker.NextAsync();
            attempt.Store();
            await next;

            Assert.NotEqual(lost.Request.Call, attempt.Request.Call);
        }
    }

    [Fact]
    public async Task EnqueueAsync_AfterACallWasWithdrawnCleanly_UsesItsNumberAgain()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var first = await rig.Broker.NextAsync();
        first.Fail(BrokerFault.NotApplied);
        await rig.FailUntilAsync(BrokerFault.NotApplied, enqueued);
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => enqueued);

        HashSet<CallStamp> stamps = [];
        for (var turn = 0; turn < 8; turn++)
        {
            var next = rig.EnqueueAsync();
            var attempt = await rig.Broker.NextAsync();
            attempt.Store();
            await next;
            stamps.Add(attempt.Request.Call);
        }

        Assert.Contains(first.Request.Call, stamps);
    }

    [Theory]
    [InlineData(CallStanding.Already)]
    [InlineData(CallStanding.Fenced)]
    public async Task EnqueueAsync_LaneTheBrokerDisowns_SendsAgainOnAnotherLane(CallStanding standing)
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var first = await rig.Broker.NextAsync();
        first.Store(standing);
        await rig.PassPauseAsync();
        var second = await rig.Broker.NextAsync();
        second.Store();
        await enqueued;

        Assert.NotEqual((first.Request.Call.Session, first.Request.Call.Lane), (second.Request.Call.Session, second.Request.Call.Lane));
        Assert.Equal(first.Ids, second.Ids);
    }

    [Fact]
    public async Task EnqueueAsync_BrokerThrowsSomethingElse_IsTakenAsUnknown()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var first = await rig.Broker.NextAsync();
        first.Throw(new FormatException());
        await rig.PassPauseAsync();
        var second = await rig.Broker.NextAsync();
        second.Store();
        await enqueued;

        Assert.Same(first.Request, second.Request);
    }

    [Fact]
    public async Task EnqueueAsync_FaultsInARow_PausesGrowToTwoSeconds()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        List<TimeSpan> pauses = [];
        for (var attempt = 0; attempt < 8; attempt++)
        {
            (await rig.Broker.NextAsync()).Fail(BrokerFault.NotApplied);
            pauses.Add(await rig.PassPauseAsync());
        }

        (await rig.Broker.NextAsync()).Store();
        await enqueued;

        Assert.InRange(pauses[0], TimeSpan.FromMilliseconds(37), TimeSpan.FromMilliseconds(63));
        Assert.InRange(pauses[3], TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(500));
        Assert.InRange(pauses[7], TimeSpan.FromMilliseconds(1500), TimeSpan.FromMilliseconds(2500));
    }

    [Fact]
    public async Task EnqueueAsync_LaneThatRestedHalfADay_IsReplaced()
    {
        await using var rig = new EnqueueRig();
        HashSet<(SessionId, int)> before = [];
        for (var turn = 0; turn < 4; turn++)
        {
            var enqueued = rig.EnqueueAsync();
            var attempt = await rig.Broker.NextAsync();
            before.Add((attempt.Request.Call.Session, attempt.Request.Call.Lane));
            attempt.Store();
            await enqueued;
        }

        rig.Time.Advance(TimeSpan.FromHours(12.1));
        var after = rig.EnqueueAsync();
        var late = await rig.Broker.NextAsync();
        late.Store();
        await after;

        Assert.DoesNotContain((late.Request.Call.Session, late.Request.Call.Lane), before);
        Assert.Equal(1, late.Request.Call.Number);
    }

    [Fact]
    public async Task EnqueueManyAsync_MessagesTakeLongerToMakeThanTheTimeout_TheTimeCountsFromTheEnd()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.Client.EnqueueManyAsync("emails", Slowly(), null, CancellationToken.None);
        var attempt = await rig.Broker.NextAsync();
        rig.Time.Advance(EnqueueRig.Timeout / 2);
        attempt.Store();

        Assert.Equal(attempt.Ids, await enqueued);

        IEnumerable<Note> Slowly()
        {
            yield return new Note("one");
            rig.Time.Advance(EnqueueRig.Timeout * 2);
            yield return new Note("two");
        }
    }

    [Theory]
    [InlineData(7, true, "an answered call is forgotten, or a message is missing")]
    [InlineData(8, false, "the queue's state was begun anew")]
    public async Task EnqueueAsync_BrokerLostWrites_IsReported(long epoch, bool regressed, string sign)
    {
        await using var rig = new EnqueueRig();
        var first = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Store(epoch: 7);
        await first;
        Assert.Null(rig.Losses.Shown);
        var second = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Store(epoch: epoch, regressed: regressed);
        await second;

        Assert.Contains(sign, rig.Losses.Shown, StringComparison.Ordinal);
    }
}
