using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteEnqueuingTests : EnqueuingContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
