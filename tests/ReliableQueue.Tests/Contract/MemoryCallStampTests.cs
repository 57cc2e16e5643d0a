using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryCallStampTests : CallStampContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
