using ReliableQueue.Broker;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>An enqueue call with a delay that was stored in part and not remembered, as when taking it back failed too: its repetition stores the rest, and nothing twice.</summary>
public sealed class HalfEnqueuedTests(SharedRedis redis)
{
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    public async Task A_delayed_call_that_stored_a_part_is_repeated_and_each_message_is_delivered_once(bool hasRecord, bool isScheduled, bool isPromoted)
    {
        var prefix = "h" + Guid.NewGuid().ToString("n")[..12];
        await using var broker = RedisBroker.Open(
            new RedisBrokerOptions { Connection = redis.Database.Multiplexer, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });
        var queue = new TestQueue(broker);
        var keys = new RedisKeys(prefix, queue.Name);
        var (messages, deliveries, scheduled) = ((RedisKey)keys.EnqueueDelayed[2], (RedisKey)keys.EnqueueDelayed[5], (RedisKey)keys.EnqueueDelayed[6]);
        var call = queue.NextEnqueue(TestQueue.Message(), TestQueue.Message() with { Terms = new MessageTerms { Delay = TimeSpan.FromHours(1) } });
        await broker.EnqueueAsync(call, CancellationToken.None);
        RedisValue delayed = call.Messages[1].Id.ToByteArray();

        await redis.Database.KeyDeleteAsync(keys.EnqueueDelayed[1]);
        if (isPromoted)
        {
            await redis.Database.SortedSetAddAsync(scheduled, delayed, 1);
            await queue.LeaseAsync(0);
        }

        _ = isScheduled || await redis.Database.SortedSetRemoveAsync(scheduled, delayed);
        _ = hasRecord || await redis.Database.HashDeleteAsync(deliveries, delayed);
        Assert.Equal(CallStanding.Applied, (await broker.EnqueueAsync(call, CancellationToken.None)).Answer.Standing);

        var counts = await queue.CountAsync();
        Assert.Equal(isPromoted ? (2, 0) : (1, 1), (counts.Ready, counts.Scheduled));
        if (!isPromoted)
        {
            await redis.Database.SortedSetAddAsync(scheduled, delayed, 1);
        }

        var reply = await queue.LeaseAsync();
        Assert.False(reply.Answer.StateRegressed);
        Assert.Equal(call.Messages.Select(message => (message.Id, 1)).Order(), reply.Messages.Select(leased => (leased.Lease.Message, leased.DeliveryCount)).Order());
        Assert.All(await queue.AckAsync(reply.Messages), result => Assert.Equal(SettleResult.Settled, result));
        Assert.Equal(0, await redis.Database.HashLengthAsync(messages) + await redis.Database.HashLengthAsync(deliveries));
    }
}
