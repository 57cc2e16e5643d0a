using ReliableQueue.BrokerContract;
using ReliableQueue.Testing;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Contract;

/// <summary>The broker in memory, which the worker is tested against: what it does otherwise than a store, those tests would show of a worker nobody runs.</summary>
internal sealed class MemoryHarness : InMemoryHarness
{
    public MemoryHarness()
        : this(new VirtualTime())
    {
    }

    private MemoryHarness(VirtualTime time)
        : base(new MemoryBroker(time), time.Advance)
    {
    }
}
