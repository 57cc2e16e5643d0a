using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteRenewingTests : RenewingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
