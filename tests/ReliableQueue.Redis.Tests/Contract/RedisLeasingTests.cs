using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Contract;

public sealed class RedisLeasingTests(SharedRedis redis) : LeasingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new RedisHarness(redis));
}
