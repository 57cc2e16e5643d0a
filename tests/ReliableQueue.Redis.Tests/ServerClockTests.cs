using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>
/// The clock of the server jumps, or a failover brings a server with another clock. Moving every time the queue has stored is the same, seen from the queue, and does not
/// need a clock that lies.
/// </summary>
public sealed class ServerClockTests(SharedRedis redis)
{
    private const string Shift = """
        for i = 1, 2 do
          local entries = redis.call('ZRANGE', KEYS[i], 0, -1, 'WITHSCORES')
          for j = 1, #entries, 2 do
            redis.call('ZADD', KEYS[i], string.format('%.0f', entries[j + 1] - ARGV[1]), entries[j])
          end
        end
        redis.call('HSET', KEYS[3], 'clock', string.format('%.0f', redis.call('HGET', KEYS[3], 'clock') - ARGV[1]))
        """;

    private static readonly string[] timed = [":leases", ":scheduled", ":meta"];

    private readonly string prefix = "t" + Guid.NewGuid().ToString("n")[..12];

    [Fact]
    public async Task A_server_clock_that_jumps_an_hour_ahead_ends_leases_early_and_the_fence_holds()
    {
        await using var broker = Open();
        var queue = new TestQueue(broker);
        var heir = new TestQueue(broker);
        await queue.EnqueueAsync(2);
        var held = (await queue.LeaseAsync()).Messages;
        await queue.SettleAsync(held[1], new Settlement.Retry(TimeSpan.FromMinutes(30), null));

        await JumpAsync(queue, TimeSpan.FromHours(1));

        // What was to come in half an hour comes now, and what was leased is taken for lost: early, and nothing worse.
        var taken = await heir.LeaseAsync();
        Assert.False(taken.Answer.StateRegressed);
        Assert.Equal(held.Select(message => message.Lease.Message).Order(), taken.Messages.Select(message => message.Lease.Message).Order());
        Assert.All(taken.Messages, message => Assert.Equal(2, message.DeliveryCount));
        using var renewal = broker.OpenRenewalConnection();
        Assert.Equal([RenewResult.Lost], renewal.Renew(new RenewRequest(queue.Name, [held[0].Lease], queue.Visibility)).Results);
        Assert.Equal(SettleResult.Stale, await queue.SettleAsync(held[0], Settlement.Ack.Plain));
        Assert.All(await heir.AckAsync(taken.Messages), result => Assert.Equal(SettleResult.Settled, result));
    }

    [Fact]
    public async Task A_server_clock_that_jumps_an_hour_back_holds_up_neither_leases_nor_what_is_due()
    {
        await using var broker = Open();
        var dying = new TestQueue(broker) { Visibility = TimeSpan.FromSeconds(5) };
        var living = new TestQueue(broker) { Visibility = TimeSpan.FromSeconds(5) };
        await dying.EnqueueAsync(3);
        var lost = Assert.Single((await dying.LeaseAsync(1)).Messages);
        var later = Assert.Single((await dying.LeaseAsync(1)).Messages);
        await dying.SettleAsync(later, new Settlement.Retry(TimeSpan.FromSeconds(5), null));
        var kept = Assert.Single((await living.LeaseAsync(1)).Messages);

        await JumpAsync(living, TimeSpan.FromHours(-1));

        // Renewed like any other, so that it does not end; the others come when they would have come.
        using var renewal = broker.OpenRenewalConnection();
        List<LeasedMessage> come = [];
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal([RenewResult.Renewed], renewal.Renew(new RenewRequest(living.Name, [kept.Lease], TimeSpan.FromSeconds(20))).Results);

                // Long enough that neither comes twice while the other is waited for.
                var reply = await broker.LeaseAsync(living.NextLease() with { VisibilityTimeout = TimeSpan.FromMinutes(1) }, CancellationToken.None);
                Assert.False(reply.Answer.StateRegressed);
                come.AddRange(reply.Messages);
                return come.Count >= 2;
            },
            "the lost message and the one that was due are delivered again");
        Assert.Equal(new[] { lost, later }.Select(message => message.Lease.Message).Order(), come.Select(message => message.Lease.Message).Order());
        Assert.All(come, message => Assert.True(message.Lease.Token.Fence > kept.Lease.Token.Fence, "A fence fell with the clock."));
        Assert.Equal(SettleResult.Settled, await living.SettleAsync(kept, Settlement.Ack.Plain));
    }

    private async Task JumpAsync(TestQueue queue, TimeSpan by)
    {
        var keys = new RedisKeys(prefix, queue.Name).Lease;
        RedisKey[] moved = [.. timed.Select(name => (RedisKey)keys.Single(key => key.EndsWith(name, StringComparison.Ordinal)))];
        await redis.Database.ScriptEvaluateAsync(Shift, moved, [(long)by.TotalMilliseconds]);
    }

    private IQueueBroker Open() =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = redis.Server.Configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });
}
