using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Garnet;

public sealed class GarnetCallStampTests(SharedGarnet garnet) : CallStampContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => garnet.HarnessAsync();
}
