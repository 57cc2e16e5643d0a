using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryRenewingTests : RenewingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
