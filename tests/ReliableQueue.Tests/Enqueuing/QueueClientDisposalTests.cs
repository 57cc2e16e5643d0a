using ReliableQueue.Broker;
using ReliableQueue.Producing;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>What callers are told who wait while the client is disposed.</summary>
public sealed class QueueClientDisposalTests
{
    [Fact]
    public async Task DisposeAsync_CallerInFlight_IsToldTheOutcomeIsUnknown()
    {
        var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        await rig.Broker.NextAsync();
        await rig.DisposeAsync();

        await Assert.ThrowsAsync<EnqueueOutcomeUnknownException>(() => enqueued);
        Assert.Equal(0, rig.Time.PendingTimers);
    }

    [Fact]
    public async Task DisposeAsync_CallerThatCertainlyWasNotSent_IsToldSo()
    {
        var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.NotApplied);
        await rig.PauseBegunAsync();
        await rig.DisposeAsync();

        Assert.Contains("not enqueued", (await Assert.ThrowsAsync<ObjectDisposedException>(() => enqueued)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rig.EnqueueAsync());
        Assert.Equal(0, rig.Time.PendingTimers);
    }

    [Fact]
    public async Task DisposeAsync_LaneIsFirstToHearOfIt_StillTellsACallerThatCertainlyWasNotSent()
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync();
        (await rig.Broker.NextAsync()).Fail(BrokerFault.NotApplied);
        await rig.PauseBegunAsync();

        await rig.BeginDisposalAsync();

        Assert.Contains("not enqueued", (await Assert.ThrowsAsync<ObjectDisposedException>(() => enqueued)).Message, StringComparison.Ordinal);
        Assert.False(rig.Broker.HasAttempt);
    }
}
