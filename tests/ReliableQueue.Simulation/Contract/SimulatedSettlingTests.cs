using ReliableQueue.BrokerContract;

namespace ReliableQueue.Simulation.Contract;

public sealed class SimulatedSettlingTests : SettlingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SimulatedHarness());
}
