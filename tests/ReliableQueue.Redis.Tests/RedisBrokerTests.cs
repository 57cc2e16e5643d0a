using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>The whole way through the port. What a broker must do in detail is the contract suite's.</summary>
public sealed class RedisBrokerTests(SharedRedis redis)
{
    [Fact]
    public async Task A_message_is_enqueued_leased_renewed_and_acked()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        var ids = await queue.EnqueueAsync(3);

        var leased = (await queue.LeaseAsync()).Messages;
        Assert.Equal(ids, leased.Select(message => message.Lease.Message));
        Assert.All(leased, message => Assert.Equal((1, 0), (message.DeliveryCount, message.WorkerLosses)));

        using var renewal = broker.OpenRenewalConnection();
        Assert.All(renewal.Renew(new RenewRequest(queue.Name, [.. leased.Select(message => message.Lease)], queue.Visibility)).Results, result => Assert.Equal(RenewResult.Renewed, result));
        Assert.All(await queue.AckAsync(leased), result => Assert.Equal(SettleResult.Settled, result));
        Assert.All(await queue.AckAsync(leased), result => Assert.Equal(SettleResult.Already, result));
        Assert.All(renewal.Renew(new RenewRequest(queue.Name, [.. leased.Select(message => message.Lease)], queue.Visibility)).Results, result => Assert.Equal(RenewResult.Lost, result));
        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), await queue.CountAsync());
    }

    [Fact]
    public async Task Every_settlement_but_ack_keeps_the_message()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync(4);
        var leased = (await queue.LeaseAsync()).Messages;

        Settlement[] settlements =
        [
            new Settlement.Retry(TimeSpan.Zero, null), new Settlement.Release(TimeSpan.Zero), new Settlement.Retry(TimeSpan.FromMinutes(1), null),
            new Settlement.DeadLetter(DeadLetterReason.Rejected, "no such address"),
        ];
        var reply = await broker.SettleAsync(
            new SettleRequest(queue.Name, [.. leased.Zip(settlements, (message, settlement) => new LeaseSettlement(message.Lease, settlement))]), CancellationToken.None);

        Assert.All(reply.Results, result => Assert.Equal(SettleResult.Settled, result));
        var counted = await queue.CountAsync();
        Assert.Equal((2, 1, 0, 1), (counted.Ready, counted.Scheduled, counted.Leased, counted.DeadLettered));
        var dead = Assert.Single(await broker.DeadLettersAsync(queue.Name, CancellationToken.None));
        Assert.Equal((leased[3].Lease.Message, DeadLetterReason.Rejected, "no such address", 1), (dead.Id, dead.DeadLetterReason, dead.Error, dead.DeliveryCount));
        var again = (await queue.LeaseAsync()).Messages;
        Assert.Equal([(leased[1].Lease.Message, 1), (leased[0].Lease.Message, 2)], again.Select(message => (message.Lease.Message, message.DeliveryCount)));
    }

    [Fact]
    public async Task A_returned_session_gives_its_messages_back_and_leases_no_more()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync(3);
        await queue.LeaseAsync(2);

        var reply = await broker.ReturnAsync(new ReturnRequest(queue.Name, queue.Worker, 5), CancellationToken.None);

        Assert.Equal(new ReturnReply(2, 0, true, 1, false), reply);
        Assert.Equal(CallStanding.Fenced, (await queue.LeaseAsync()).Answer.Standing);
        Assert.All((await new TestQueue(broker).LeaseAsync(2)).Messages, message => Assert.Equal((2, 1), (message.DeliveryCount, message.WorkerLosses)));
    }

    [Fact]
    public async Task Listen_MessageEnqueued_HintIsCalled()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        var hinted = new TaskCompletionSource();
        using var listening = broker.Listen(queue.Name, _ => hinted.TrySetResult());
        await TestKit.Eventually.TrueAsync(
            async () =>
            {
                await queue.EnqueueAsync();
                await queue.AckAsync((await queue.LeaseAsync()).Messages);
                return hinted.Task.IsCompleted;
            },
            "a hint arrives");
    }

    private IQueueBroker Open() => RedisBroker.Open(
        new RedisBrokerOptions { Configuration = redis.Server.Configuration, Prefix = "t" + Guid.NewGuid().ToString("n"), CallTimeout = TimeSpan.FromSeconds(20) });
}
