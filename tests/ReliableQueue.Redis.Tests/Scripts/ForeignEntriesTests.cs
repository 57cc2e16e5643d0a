using ReliableQueue.Broker;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>Entries that name no message: left by late acks, or written by somebody else.</summary>
public sealed class ForeignEntriesTests(SharedRedis redis)
{
    private readonly string prefix = "f" + Guid.NewGuid().ToString("n")[..12];

    [Fact]
    public async Task Lease_ThousandsOfIdsWithoutMessageInFront_SaysAskAgainAtOnceUntilTheMessageComes()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        await queue.EnqueueAsync();
        await queue.SettleAsync(Assert.Single((await queue.LeaseAsync()).Messages), new Settlement.Retry(TimeSpan.Zero, null));
        var keys = new RedisKeys(prefix, queue.Name);
        await redis.Database.ListLeftPushAsync(keys.Lease[4], [.. Enumerable.Range(0, 2500).Select(_ => (RedisValue)Guid.NewGuid().ToByteArray())]);

        for (var call = 0; call < 2; call++)
        {
            var empty = await queue.LeaseAsync();
            Assert.Empty(empty.Messages);
            Assert.Equal(TimeSpan.Zero, empty.NextDue);
        }

        Assert.Single((await queue.LeaseAsync()).Messages);
        Assert.NotEqual(TimeSpan.Zero, (await queue.LeaseAsync()).NextDue);
    }

    [Fact]
    public async Task Enqueue_ForeignEntriesAmongTheLanes_AreLeftAlone()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        var keys = new RedisKeys(prefix, queue.Name);
        await redis.Database.HashSetAsync(keys.Enqueue[1], [new HashEntry("0123456789", "short"), new HashEntry("x", "")]);

        await queue.EnqueueAsync();

        Assert.Single((await queue.LeaseAsync()).Messages);
    }

    [Fact]
    public async Task Bytes_that_are_no_record_stop_neither_their_message_nor_the_queue()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        var ids = await queue.EnqueueAsync(6);
        var leased = (await queue.LeaseAsync()).Messages;
        Settlement[] kinds = [new Settlement.Retry(TimeSpan.Zero, null), new Settlement.Retry(TimeSpan.FromMilliseconds(1), null), Settlement.Ack.Plain, new Settlement.Release(TimeSpan.Zero)];
        foreach (var (message, kind) in leased.Zip(kinds[..2]))
        {
            await queue.SettleAsync(message, kind);
        }

        var keys = new RedisKeys(prefix, queue.Name);
        await redis.Database.HashSetAsync(keys.Lease[2], [.. ids.Select(id => new HashEntry(id.ToByteArray(), "abc"))]);

        using var renewal = broker.OpenRenewalConnection();
        Assert.All(renewal.Renew(new RenewRequest(queue.Name, [.. leased.Skip(2).Select(message => message.Lease)], queue.Visibility)).Results, result => Assert.Equal(RenewResult.Renewed, result));
        Assert.Equal(SettleResult.Settled, await queue.SettleAsync(leased[2], kinds[2]));
        Assert.Equal(SettleResult.Settled, await queue.SettleAsync(leased[3], kinds[3]));
        Assert.Equal(2, (await broker.ReturnAsync(new ReturnRequest(queue.Name, queue.Worker, 5), CancellationToken.None)).Returned);
        var (finder, found) = (new TestQueue(broker), new List<LeasedMessage>());
        await TestKit.Eventually.TrueAsync(
            async () =>
            {
                found.AddRange((await finder.LeaseAsync()).Messages);
                return found.Count >= 5;
            },
            "everything but the acked message comes again");
        Assert.Equal(ids.Except([ids[2]]).Order(), found.Select(message => message.Lease.Message).Order());
    }

    [Fact]
    public void Scripts_ReadNoKeyAsAWhole()
    {
        var scripts = RedisScripts.Shipped.All;
        string[] unbounded = ["'KEYS'", "'HKEYS'", "'HVALS'", "'HGETALL'", "'SMEMBERS'", "'SORT'"];

        Assert.All(scripts, script => Assert.DoesNotContain(unbounded, command => script.Text.Contains(command, StringComparison.Ordinal)));
    }

    private IQueueBroker Open() =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = redis.Server.Configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });
}
