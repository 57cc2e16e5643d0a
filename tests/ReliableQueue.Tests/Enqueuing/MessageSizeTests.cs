using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Tests.Enqueuing;

/// <summary>Messages around the largest that is allowed.</summary>
public class MessageSizeTests
{
    // The body of a note is its text and these around it: {"Text":"…"}.
    private const int Around = 11;
    private const int Limit = 2_000_000;

    [Theory]
    [InlineData(Limit - 1)]
    [InlineData(Limit)]
    public async Task EnqueueAsync_BodyUpToTheLimit_IsSent(int size)
    {
        await using var rig = new EnqueueRig();
        var enqueued = rig.EnqueueAsync(new string('x', size - Around));
        var attempt = await rig.Broker.NextAsync();
        attempt.Store();
        Assert.Equal(attempt.Request.Messages[0].Id, await enqueued);
        Assert.InRange(attempt.Request.Messages[0].Envelope.Length, size, size + 200);
    }

    [Theory]
    [InlineData(Limit + 1)]
    [InlineData(64 << 20)]
    public async Task EnqueueAsync_BodyOverTheLimit_ThrowsWithBothNumbersAndSendsNothing(int size)
    {
        await using var rig = new EnqueueRig();
        var exception = await Assert.ThrowsAsync<MessageTooLargeException>(() => rig.EnqueueAsync(new string('x', size - Around)));
        Assert.Contains(size.ToString(null, null), exception.Message, StringComparison.Ordinal);
        Assert.Contains("2000000", exception.Message, StringComparison.Ordinal);

        var next = rig.EnqueueAsync("small");
        var attempt = await rig.Broker.NextAsync();
        Assert.Single(attempt.Request.Messages);
        attempt.Store();
        await next;
    }

    [Fact]
    public async Task EnqueueAsync_AfterDispose_ThrowsAndSendsNothing()
    {
        await using var rig = new EnqueueRig();
        await rig.Client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rig.EnqueueAsync("late"));
        Assert.False(rig.Broker.HasAttempt);
    }
}
