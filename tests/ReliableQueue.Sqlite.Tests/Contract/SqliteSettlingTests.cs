using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteSettlingTests : SettlingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
