using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Garnet;

public sealed class GarnetHintsTests(SharedGarnet garnet) : HintsContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => garnet.HarnessAsync();
}
