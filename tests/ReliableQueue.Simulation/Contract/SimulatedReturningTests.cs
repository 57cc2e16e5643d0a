using ReliableQueue.BrokerContract;

namespace ReliableQueue.Simulation.Contract;

public sealed class SimulatedReturningTests : ReturningContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SimulatedHarness());
}
