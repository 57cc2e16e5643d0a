using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryReturningTests : ReturningContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
