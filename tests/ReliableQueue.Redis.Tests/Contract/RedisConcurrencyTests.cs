using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Contract;

public sealed class RedisConcurrencyTests(SharedRedis redis) : ConcurrencyContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new RedisHarness(redis));
}
