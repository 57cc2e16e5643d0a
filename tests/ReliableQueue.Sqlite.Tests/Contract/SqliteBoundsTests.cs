using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteBoundsTests : BoundsContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
