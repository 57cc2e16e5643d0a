using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteLateSettlingTests : LateSettlingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
