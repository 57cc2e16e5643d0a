using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteReturningTests : ReturningContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
