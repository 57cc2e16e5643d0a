using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Contract;

public sealed class RedisLateSettlingTests(SharedRedis redis) : LateSettlingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new RedisHarness(redis));
}
