using ReliableQueue.BrokerContract;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Contract;

/// <summary>
/// The broker of the simulation: every seed is worth as much as it behaves like a store. Left out are the bounds of a call and the order of dead letters, because its queues
/// hold fewer messages than one call takes and nothing there reads dead letters, and many callers at once, because everything there happens on one thread.
/// </summary>
internal sealed class SimulatedHarness : InMemoryHarness
{
    public SimulatedHarness()
        : this(new EventLoop())
    {
    }

    private SimulatedHarness(EventLoop loop)
        : base(new ModelBroker(loop), by => loop.RunUntil(loop.Now + by.Ticks))
    {
    }
}
