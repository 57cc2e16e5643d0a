using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Garnet;

public sealed class GarnetConcurrencyTests(SharedGarnet garnet) : ConcurrencyContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => garnet.HarnessAsync();
}
