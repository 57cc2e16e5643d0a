using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Garnet;

public sealed class GarnetEnqueuingTests(SharedGarnet garnet) : EnqueuingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => garnet.HarnessAsync();
}
