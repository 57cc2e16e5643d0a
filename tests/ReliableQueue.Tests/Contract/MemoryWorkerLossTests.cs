using ReliableQueue.BrokerContract;

namespace ReliableQueue.Tests.Contract;

public sealed class MemoryWorkerLossTests : WorkerLossContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new MemoryHarness());
}
