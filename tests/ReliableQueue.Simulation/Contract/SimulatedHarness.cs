using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Contract;

/// <summary>
/// The broker of the simulation: every seed is worth as much as it behaves like a store. Left out are the bounds of a call and the order of dead letters, because its queues
/// hold fewer messages than one call takes and nothing there reads dead letters, and many callers at once, because everything there happens on one thread.
/// </summary>
internal sealed class SimulatedHarness : BrokerHarness
{
    private readonly EventLoop loop = new();

    public SimulatedHarness() => Broker = new ModelBroker(loop);

    public override IQueueBroker Broker { get; }

    public override bool CountsDueAsReady => true;

    public override Task AdvanceAsync(QueueName queue, TimeSpan by)
    {
        loop.RunUntil(loop.Now + by.Ticks);
        return Task.CompletedTask;
    }

    /// <summary>The same object: it is its store, and disposing it ends nothing.</summary>
    public override IQueueBroker OpenAnother() => Broker;

    public override ValueTask DisposeAsync() => Broker.DisposeAsync();
}
