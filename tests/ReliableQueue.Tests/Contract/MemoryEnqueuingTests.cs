using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryEnqueuingTests : EnqueuingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
