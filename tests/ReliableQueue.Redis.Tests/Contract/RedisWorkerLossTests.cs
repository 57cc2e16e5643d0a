using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Contract;

public sealed class RedisWorkerLossTests(SharedRedis redis) : WorkerLossContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new RedisHarness(redis));
}
