using ReliableQueue.BrokerContract;

namespace ReliableQueue.Redis.Tests.Garnet;

public sealed class GarnetDeadLetterTests(SharedGarnet garnet) : DeadLetterContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => garnet.HarnessAsync();
}
