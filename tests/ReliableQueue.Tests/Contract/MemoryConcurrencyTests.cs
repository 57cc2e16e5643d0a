using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryConcurrencyTests : ConcurrencyContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
