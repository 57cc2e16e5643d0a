using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryLeasingTests : LeasingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
