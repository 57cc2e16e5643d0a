using ReliableQueue.BrokerContract;

namespace ReliableQueue.Simulation.Contract;

public sealed class SimulatedLeasingTests : LeasingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SimulatedHarness());
}
