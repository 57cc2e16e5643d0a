using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteConcurrencyTests : ConcurrencyContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
