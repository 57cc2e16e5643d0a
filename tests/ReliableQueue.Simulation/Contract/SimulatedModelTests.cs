using ReliableQueue.BrokerContract;

namespace ReliableQueue.Simulation.Contract;

public sealed class SimulatedModelTests : ModelContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SimulatedHarness());
}
