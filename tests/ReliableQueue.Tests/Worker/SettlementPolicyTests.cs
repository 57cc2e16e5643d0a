using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Settle;

namespace ReliableQueue.Tests.Worker;

/// <summary>What a settlement carries, beyond its kind.</summary>
public sealed class SettlementPolicyTests
{
    private static readonly QueueName Queue = QueueName.Parse("work");

    private readonly VirtualTime time = new();

    [Fact]
    public void Decide_Failed_TheRetryCarriesWhy()
    {
        var retry = Assert.IsType<Settlement.Retry>(Decide(new InvalidOperationException("no route to host")));

        Assert.Contains("no route to host", retry.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_FailedWithALongText_TheRetryCarriesItsBeginning()
    {
        var retry = Assert.IsType<Settlement.Retry>(Decide(new InvalidOperationException(new string('x', 5_000))));

        Assert.Equal(BrokerLimits.RetryErrorLength, retry.Error?.Length);
    }

    [Fact]
    public void Decide_FailedWithATextCutInsideACharacter_LeavesTheCharacterOut()
    {
        // Two UTF-16 units to a character: with and without one more unit before them, one of the two texts has a character across the limit.
        var (one, other) = (ErrorOf(""), ErrorOf("x"));

        Assert.Equal([BrokerLimits.RetryErrorLength - 1, BrokerLimits.RetryErrorLength], new[] { one.Length, other.Length }.Order());
        Assert.False(char.IsHighSurrogate(one[^1]) || char.IsHighSurrogate(other[^1]));

        string ErrorOf(string lead) =>
            Assert.IsType<Settlement.Retry>(Decide(new InvalidOperationException(lead + string.Concat(Enumerable.Repeat("\U0001F600", 2_000))))).Error ?? "";
    }

    private Settlement Decide(Exception exception)
    {
        var settings = new SettleSettings
        {
            Queue = Queue,
            MaxDeliveries = 5,
            RetryDelay = TimeSpan.FromSeconds(5),
            MaxRetryDelay = TimeSpan.FromMinutes(1),
            UnknownTypeRetention = TimeSpan.FromDays(1),
            StillRunningDelay = TimeSpan.FromSeconds(1),
            JournalCompletions = false,
        };
        return new SettlementPolicy(settings).Decide(new HandlerOutcome.Failed(exception), Given.Delivery(Queue, time), TimeSpan.Zero, 0.5);
    }
}
