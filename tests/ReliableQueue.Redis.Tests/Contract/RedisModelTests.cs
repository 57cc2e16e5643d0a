using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Contract;

public sealed class RedisModelTests(SharedRedis redis) : ModelContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new RedisHarness(redis));
}
