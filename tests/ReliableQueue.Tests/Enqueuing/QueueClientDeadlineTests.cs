using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>What a caller is told whose time ends between two tries, and in the middle of one.</summary>
public sealed class QueueClientDeadlineTests
{
    [Fact]
    public async Task EnqueueAsync_TimeEndsBetweenTriesThatWereNotApplied_IsCertainlyNotEnqueued()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        var attempt = await rig.Broker.NextAsync();
        rig.Time.Advance(EnqueueRig.Timeout - TimeSpan.FromTicks(1));
        attempt.Fail(BrokerFault.NotApplied);
        await rig.PauseBegunAsync();
        rig.Time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal([0], (await Assert.ThrowsAsync<BrokerUnavailableException>(() => enqueued)).NotEnqueued);
        Assert.False(rig.Broker.HasAttempt);
    }

    [Fact]
    public async Task EnqueueAsync_TimeEndsWhileATryAfterOneThatWasNotAppliedIsUnanswered_IsUnknown()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.NotApplied);
        await rig.PassPauseAsync();
        var attempt = await rig.Broker.NextAsync();
        rig.Time.Advance(EnqueueRig.Timeout);

        Assert.Equal(attempt.Ids, (await Assert.ThrowsAsync<EnqueueOutcomeUnknownException>(() => enqueued)).MessageIds);
    }
}
