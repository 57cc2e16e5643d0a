using ReliableQueue.BrokerContract;

namespace ReliableQueue.Sqlite.Tests.Contract;

public sealed class SqliteDeadLetterTests : DeadLetterContract
{
    protected override ValueTask<BrokerHarness> StartAsync() => new(new SqliteHarness());
}
