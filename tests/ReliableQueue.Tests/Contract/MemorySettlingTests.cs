using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemorySettlingTests : SettlingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
