using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryModelTests : ModelContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
