using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>A Redis with no memory left takes no message in, and everything else goes on, so that it can drain.</summary>
public sealed class FullMemoryTests
{
    [Fact]
    public async Task A_full_redis_refuses_messages_whole_and_still_leases_renews_settles_and_returns()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "8mb", "--maxmemory-policy", "noeviction");
        await using var broker = RedisBroker.Open(new RedisBrokerOptions { Configuration = server.Configuration, CallTimeout = TimeSpan.FromSeconds(20) });
        var queue = new TestQueue(broker);
        var dead = new TestQueue(broker);
        await queue.EnqueueAsync(12);
        var held = (await queue.LeaseAsync(4)).Messages;
        await dead.LeaseAsync(2);
        await server.CommandAsync("CONFIG", "SET", "maxmemory", "1");

        var refused = await Assert.ThrowsAsync<BrokerException>(() => queue.EnqueueAsync(3));
        Assert.Equal(BrokerFault.Full, refused.Fault);
        Assert.Equal((6, 6), await CountAsync(queue));

        using var renewal = broker.OpenRenewalConnection();
        Assert.All(renewal.Renew(new RenewRequest(queue.Name, [.. held.Select(message => message.Lease)], queue.Visibility)).Results, result => Assert.Equal(RenewResult.Renewed, result));
        Settlement[] kinds =
        [
            Settlement.Ack.Plain, new Settlement.Retry(TimeSpan.Zero, null), new Settlement.Release(TimeSpan.FromMinutes(1)),
            new Settlement.DeadLetter(DeadLetterReason.Rejected, "no"),
        ];
        var settled = await broker.SettleAsync(new SettleRequest(queue.Name, [.. held.Zip(kinds, (message, kind) => new LeaseSettlement(message.Lease, kind))]), CancellationToken.None);
        Assert.All(settled.Results, result => Assert.Equal(SettleResult.Settled, result));
        Assert.Equal(new ReturnReply(2, 0, true, 1, false), await broker.ReturnAsync(new ReturnRequest(queue.Name, dead.Worker, 5), CancellationToken.None));

        var rest = (await queue.LeaseAsync(100)).Messages;
        Assert.Equal(9, rest.Count);
        Assert.All(await queue.AckAsync(rest), result => Assert.Equal(SettleResult.Settled, result));

        await server.CommandAsync("CONFIG", "SET", "maxmemory", "0");
        await queue.EnqueueAsync(3);
        Assert.Equal((3, 0), await CountAsync(queue));
    }

    private static async Task<(long Ready, long Leased)> CountAsync(TestQueue queue)
    {
        var counts = await queue.CountAsync();
        return (counts.Ready, counts.Leased);
    }
}
