using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteCallStampTests : CallStampContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
