using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryHintsTests : HintsContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
