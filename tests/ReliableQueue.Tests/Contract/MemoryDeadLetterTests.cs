using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryDeadLetterTests : DeadLetterContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
