using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Dead letters and statistics.</summary>
public abstract class DeadLetterContract : ContractTests
{
    [Fact]
    public async Task Read_UnknownQueue_IsEmpty() => Assert.Empty(await DeadLettersAsync());

    [Fact]
    public async Task Read_DeadLetteredMessage_IsKeptWithAllItsFacts()
    {
        byte[] envelope = [0, 255, 10, 13, 0, 123, 128];
        var message = ContractClient.NewMessage(envelope);
        await Producer.SendAsync(Producer.NextEnqueue(message));
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), RetryNow);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), new Settlement.DeadLetter(DeadLetterReason.Unreadable, "Zeile 1: „ä\n\0…"));
        var dead = Assert.Single(await DeadLettersAsync());
        Assert.Equal(message.Id, dead.Id);
        Assert.Equal(envelope, dead.Envelope.ToArray());
        Assert.Equal((DeadLetterReason.Unreadable, "Zeile 1: „ä\n\0…", 2), (dead.DeadLetterReason, dead.Error, dead.DeliveryCount));
    }

    [Fact]
    public async Task Read_NoError_IsNull()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), new Settlement.DeadLetter(DeadLetterReason.UnknownType, null));
        Assert.Null(Assert.Single(await DeadLettersAsync()).Error);
    }

    [Fact]
    public async Task Read_LongError_IsKeptWhole()
    {
        var error = new string('x', 4096);
        await Worker.SettleAsync(await LeaseNewAsync(), new Settlement.DeadLetter(DeadLetterReason.Rejected, error));
        Assert.Equal(error, Assert.Single(await DeadLettersAsync()).Error);
    }

    [Fact]
    public async Task Read_Pages_AreOldestFirst()
    {
        var order = new List<MessageId>();
        for (var i = 0; i < 5; i++)
        {
            var leased = await LeaseNewAsync();
            await Worker.SettleAsync(leased, Reject);
            await AdvanceAsync(TimeSpan.FromSeconds(20));
            order.Add(leased.Lease.Message);
        }

        var first = await PageAsync(null, 2);
        var second = await PageAsync(first.NextCursor, 2);
        var third = await PageAsync(second.NextCursor, 2);
        Assert.Equal(order.Take(2), first.Messages.Select(dead => dead.Id));
        Assert.Equal(order.Skip(2).Take(2), second.Messages.Select(dead => dead.Id));
        Assert.Equal(order.Skip(4), third.Messages.Select(dead => dead.Id));
        Assert.Null(third.NextCursor);
    }

    [Fact]
    public Task Read_ACursorOfNobody_IsAFaultOfTheCaller() => Assert.ThrowsAnyAsync<ArgumentException>(() => PageAsync("no cursor", 2));

    [Fact]
    public async Task Statistics_UnknownQueue_AreZero() => Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), await StatisticsAsync());

    [Fact]
    public async Task Statistics_EveryState_IsCountedOnce()
    {
        await Producer.EnqueueAsync(10);
        var leased = await Worker.LeaseAsync(6);
        await Worker.SettleAsync(leased[0], Ack);
        await Worker.SettleAsync(leased[1], Reject);
        await Worker.SettleAsync(leased[2], new Settlement.Retry(Visibility, null));
        await AssertCountsAsync(ready: 4, scheduled: 1, leased: 3, dead: 1);
    }

    [Fact]
    public async Task OldestReady_NeverDelivered_IsWhenTheHeadOfTheLineWasMade()
    {
        var messages = await Producer.EnqueueAsync(3);
        Assert.Equal(messages[0].Id.CreatedAt, (await StatisticsAsync()).OldestReady);
        await Worker.LeaseAsync(2);
        Assert.Equal(messages[2].Id.CreatedAt, (await StatisticsAsync()).OldestReady);
    }

    [Fact]
    public async Task OldestReady_NoneReady_IsNull()
    {
        await LeaseNewAsync();
        Assert.Null((await StatisticsAsync()).OldestReady);
    }

    private Task<BrowseReply> PageAsync(string? cursor, int take) => Broker.Admin.BrowseAsync(new BrowseRequest(Queue, MessageState.DeadLettered, cursor, take), Cancel);
}
