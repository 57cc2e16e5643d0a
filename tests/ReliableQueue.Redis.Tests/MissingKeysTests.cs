using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>One key of a queue is gone and the others stand: evicted, or deleted by somebody.</summary>
public sealed class MissingKeysTests(SharedRedis redis)
{
    private readonly string prefix = "m" + Guid.NewGuid().ToString("n")[..12];

    [Theory]
    [InlineData("messages")]
    [InlineData("ready:0")]
    [InlineData("again")]
    [InlineData("leases")]
    [InlineData("scheduled")]
    [InlineData("deliveries")]
    [InlineData("dead")]
    [InlineData("meta")]
    [InlineData("calls")]
    public async Task A_key_that_is_gone_is_noticed_once_by_who_leases_and_the_rest_goes_on(string key)
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await FillAsync(queue);
        var epoch = (await queue.LeaseAsync(0)).Answer.Epoch;
        await redis.Database.KeyDeleteAsync($"{{{prefix}:{queue.Name}}}:{key}");

        var signs = 0;
        for (var call = 0; call < 4; call++)
        {
            var reply = await queue.LeaseAsync();
            await AckAsync(queue, reply);
            signs += reply.Answer.StateRegressed || reply.Answer.Epoch != epoch ? 1 : 0;
            epoch = reply.Answer.Epoch;
        }

        Assert.Equal(1, signs);
        await queue.EnqueueAsync();
        Assert.Single((await queue.LeaseAsync()).Messages);
    }

    [Fact]
    public async Task Messages_that_are_gone_are_noticed_once_when_all_of_them_wait_to_be_tried_again()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync(2);
        foreach (var message in (await queue.LeaseAsync(2)).Messages)
        {
            await queue.SettleAsync(message, new Settlement.Retry(TimeSpan.Zero, null));
        }

        await redis.Database.KeyDeleteAsync($"{{{prefix}:{queue.Name}}}:messages");

        var reply = await queue.LeaseAsync();
        Assert.Empty(reply.Messages);
        Assert.True(reply.Answer.StateRegressed);
        Assert.False((await queue.LeaseAsync()).Answer.StateRegressed);
    }

    [Fact]
    public async Task A_queue_with_all_its_keys_in_every_state_misses_nothing()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await FillAsync(queue);
        for (var call = 0; call < 4; call++)
        {
            var reply = await queue.LeaseAsync();
            await AckAsync(queue, reply);
            Assert.False(reply.Answer.StateRegressed);
        }

        Assert.False((await broker.ReturnAsync(new ReturnRequest(queue.Name, queue.Worker, 5), CancellationToken.None)).StateRegressed);
    }

    [Fact]
    public async Task Leases_that_end_without_their_messages_are_noticed_by_who_reclaims_and_by_who_returns()
    {
        await using var broker = Open();
        var dead = new TestQueue(broker) { Visibility = TimeSpan.FromMilliseconds(50) };
        var returned = new TestQueue(broker);
        await dead.EnqueueAsync(2);
        await dead.LeaseAsync(1);
        await returned.LeaseAsync(1);
        await redis.Database.KeyDeleteAsync($"{{{prefix}:{dead.Name}}}:messages");

        Assert.True((await broker.ReturnAsync(new ReturnRequest(dead.Name, returned.Worker, 5), CancellationToken.None)).StateRegressed);
        var finder = new TestQueue(broker);
        await TestKit.Eventually.TrueAsync(async () => (await finder.LeaseAsync()).Answer.StateRegressed, "the lease that ran out is found to be empty");
    }

    /// <summary>Two messages in every state; the leased ones stay leased.</summary>
    private static async Task FillAsync(TestQueue queue)
    {
        await queue.EnqueueAsync(8);
        var leased = (await queue.LeaseAsync(8)).Messages;
        for (var i = 0; i < 2; i++)
        {
            await queue.SettleAsync(leased[i], new Settlement.DeadLetter(DeadLetterReason.Rejected, "no"));
            await queue.SettleAsync(leased[2 + i], new Settlement.Retry(TimeSpan.FromHours(1), null));
            await queue.SettleAsync(leased[4 + i], new Settlement.Retry(TimeSpan.Zero, null));
        }

        await queue.EnqueueAsync(2);
    }

    private static async Task AckAsync(TestQueue queue, LeaseReply reply)
    {
        if (reply.Messages.Count > 0)
        {
            await queue.AckAsync(reply.Messages);
        }
    }

    private IQueueBroker Open() =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = redis.Server.Configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });
}
