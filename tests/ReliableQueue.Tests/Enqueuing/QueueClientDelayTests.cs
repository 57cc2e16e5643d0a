using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Enqueuing;

public sealed class QueueClientDelayTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(365 * 24 * 3600L)]
    public async Task EnqueueAsync_Delay_TravelsAsATermAndAPlainMessageHasNone(long seconds)
    {
        await using var rig = new EnqueueRig();
        var options = new EnqueueOptions { Delay = TimeSpan.FromSeconds(seconds) };
        var one = rig.Client.EnqueueAsync("emails", new Note("later"), options, default);
        var attempt = await rig.Broker.NextAsync();
        attempt.Store();
        await one;
        Assert.Equal(seconds == 0 ? null : new MessageTerms { Delay = TimeSpan.FromSeconds(seconds) }, Assert.Single(attempt.Request.Messages).Terms);

        var many = rig.Client.EnqueueManyAsync("emails", [new Note("later"), new Note("too")], options, default);
        attempt = await rig.Broker.NextAsync();
        attempt.Store();
        await many;
        Assert.All(attempt.Request.Messages, message => Assert.Equal(options.Delay, message.Terms?.Delay ?? TimeSpan.Zero));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((365 * 24 * 3600L) + 1)]
    public async Task EnqueueAsync_DelayOutOfRange_IsRefusedBeforeAnythingIsSent(long seconds)
    {
        await using var rig = new EnqueueRig();
        var options = new EnqueueOptions { Delay = TimeSpan.FromSeconds(seconds) };
        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.Client.EnqueueAsync("emails", new Note("never"), options, default));
        Assert.Contains("EnqueueOptions.Delay must be from 0 to 365 days", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.Client.EnqueueManyAsync("emails", [new Note("never")], options, default));
        Assert.False(rig.Broker.HasAttempt);
    }
}
