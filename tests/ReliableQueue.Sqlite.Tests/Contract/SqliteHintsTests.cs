using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteHintsTests : HintsContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
