using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteLeasingTests : LeasingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
