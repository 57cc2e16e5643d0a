using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Hints, and how long a worker that was given nothing may sleep.</summary>
public abstract class HintsContract : ContractTests
{
    [Fact]
    public async Task Listen_SubscriptionThatStands_IsHeardAndHearsOfAMessage()
    {
        var heard = 0;
        using var hints = Broker.Listen(Queue, hint => _ = hint == QueueHint.Ready && Interlocked.Increment(ref heard) > 0);
        await Eventually.TrueAsync(() => hints.IsHeard, "the subscription is confirmed");

        await Producer.EnqueueAsync(1);

        await Eventually.TrueAsync(() => Volatile.Read(ref heard) > 0, "the message is heard of");
    }

    [Fact]
    public async Task Listen_RetryThatIsDueBeforeAllOthers_IsHeard()
    {
        await Producer.EnqueueAsync(3);
        var leased = await Worker.LeaseAsync();
        var (heard, told) = (0, 0);
        using var hints = Broker.Listen(Queue, hint => _ = hint == QueueHint.Ready && Interlocked.Increment(ref heard) > 0);
        await Eventually.TrueAsync(() => hints.IsHeard, "the subscription is confirmed");

        // Each is due before the one that was settled before it. A hint of the messages themselves may still be on its way, so one hint proves nothing; three of these do.
        foreach (var message in leased)
        {
            var before = Volatile.Read(ref heard);
            await Worker.SettleAsync(message, new Settlement.Retry(TimeSpan.FromSeconds(200 - told), null));
            await Eventually.TrueAsync(() => Volatile.Read(ref heard) > before, "the earlier retry is heard of");
            told++;
        }
    }

    [Fact]
    public async Task Lease_NothingToGive_NamesTheEndOfTheFirstLeaseThatAnybodyHolds()
    {
        await LeaseNewAsync();

        var other = NewClient();
        var reply = await other.SendAsync(other.NextLease());

        Assert.Empty(reply.Messages);
        Assert.NotNull(reply.NextDue);
        Assert.InRange(reply.NextDue.Value, Visibility * 0.5, Visibility);
    }

    [Fact]
    public async Task Lease_MessageThatIsDueBeforeALeaseEnds_NamesItsTime()
    {
        await Producer.EnqueueAsync(2);
        var leased = await Worker.LeaseAsync();
        await Worker.SettleAsync(leased[0], new Settlement.Retry(Visibility / 4, null));

        var reply = await Worker.SendAsync(Worker.NextLease());

        Assert.Empty(reply.Messages);
        Assert.NotNull(reply.NextDue);
        Assert.InRange(reply.NextDue.Value, TimeSpan.FromSeconds(1), Visibility / 4);
    }

    [Fact]
    public async Task Lease_QueueWithNothingThatTimeWouldBring_NamesNoTime() => Assert.Null((await Worker.SendAsync(Worker.NextLease())).NextDue);
}
