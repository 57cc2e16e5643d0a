using ReliableQueue.BrokerContract;

namespace ReliableQueue.Simulation.Contract;

public sealed class SimulatedRenewingTests : RenewingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SimulatedHarness());
}
