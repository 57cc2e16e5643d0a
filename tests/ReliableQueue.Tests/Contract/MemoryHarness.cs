using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Contract;

/// <summary>The broker in memory, which the worker is tested against: what it does otherwise than a store, those tests would show of a worker nobody runs.</summary>
internal sealed class MemoryHarness : BrokerHarness
{
    private readonly VirtualTime time = new();

    public MemoryHarness() => Broker = new MemoryBroker(time);

    public override IQueueBroker Broker { get; }

    public override bool CountsDueAsReady => true;

    public override Task AdvanceAsync(QueueName queue, TimeSpan by)
    {
        time.Advance(by);
        return Task.CompletedTask;
    }

    /// <summary>The same object: it is its store, and disposing it ends nothing.</summary>
    public override IQueueBroker OpenAnother() => Broker;

    public override ValueTask DisposeAsync() => Broker.DisposeAsync();
}
