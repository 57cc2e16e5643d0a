using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteModelTests : ModelContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
