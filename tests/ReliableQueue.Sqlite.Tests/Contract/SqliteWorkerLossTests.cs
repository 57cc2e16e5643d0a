using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteWorkerLossTests : WorkerLossContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
