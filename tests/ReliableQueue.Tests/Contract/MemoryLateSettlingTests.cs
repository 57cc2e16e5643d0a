using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryLateSettlingTests : LateSettlingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
