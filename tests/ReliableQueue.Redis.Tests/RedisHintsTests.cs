using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Hints come once to each listener, before and after the connection was lost.</summary>
public sealed class RedisHintsTests(SharedRedis redis)
{
    [Fact]
    public async Task Listen_TwoListenersOfOneQueue_AreEachCalledOnceAndNoMoreWhenTheyEnd()
    {
        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.Server.Configuration + ",connectTimeout=20000");
        await using var broker = RedisBroker.Open(
            new RedisBrokerOptions { Connection = multiplexer, Prefix = "h" + Guid.NewGuid().ToString("n")[..12], CallTimeout = TimeSpan.FromSeconds(20) });
        var queue = new TestQueue(broker);
        var (first, second) = (0, 0);
        using var one = broker.Listen(queue.Name, _ => Interlocked.Increment(ref first));
        var other = broker.Listen(queue.Name, _ => Interlocked.Increment(ref second));
        await Eventually.TrueAsync(() => HintAsync(queue, () => Volatile.Read(ref first) > 0 && Volatile.Read(ref second) > 0), "both hear");

        other.Dispose();
        var (heard, ended) = (Volatile.Read(ref first), Volatile.Read(ref second));
        await Eventually.TrueAsync(() => HintAsync(queue, () => Volatile.Read(ref first) > heard), "the first still hears");
        Assert.Equal(ended, Volatile.Read(ref second));
    }

    /// <summary>A hint is sent when a list was empty before.</summary>
    private static async Task<bool> HintAsync(TestQueue queue, Func<bool> isHeard)
    {
        await queue.EnqueueAsync();
        await queue.AckAsync((await queue.LeaseAsync()).Messages);
        return isHeard();
    }
}
