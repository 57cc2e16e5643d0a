using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryBoundsTests : BoundsContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
