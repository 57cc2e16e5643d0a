using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Storage;
using ReliableQueue.TestKit;
using SQLitePCL;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>What each call of a group is told when SQLite fails.</summary>
public sealed class GroupCommitTests : SqliteTest
{
    [Fact]
    public async Task Run_OneFaultUndidTheWholeTransaction_TheOthersAreDoneAgain()
    {
        var file = NewFile();
        var commit = new GroupCommit(file, _ => { });
        var runs = 0;
        var first = Operation(context => { Create(context, "first"); return ++runs; });
        var fault = Operation(context => { context.Connection.Execute("ROLLBACK"); throw new SqliteFailure(raw.SQLITE_FULL, "as SQLite does on some"); });
        var last = Operation(context => { Create(context, "last"); return 0; });
        commit.Run([first, fault, last]);
        commit.Close();
        Assert.Equal(2, await first.Answer);
        await AssertFaultAsync(BrokerFault.Full, () => fault.Answer);
        await last.Answer;
        using var reader = file.Connect();
        Assert.Equal(2, reader.Number("SELECT count(*) FROM queue"));
    }

    [Fact]
    public async Task Run_UnexpectedException_IsRefusedAndUndone()
    {
        var file = NewFile();
        var commit = new GroupCommit(file, _ => { });
        var fault = Operation(context => { Create(context, "first"); throw new InvalidOperationException("a fault of ours"); });
        commit.Run([fault]);
        commit.Close();
        await AssertFaultAsync(BrokerFault.Refused, () => fault.Answer);
        using var reader = file.Connect();
        Assert.Equal(0, reader.Number("SELECT count(*) FROM queue"));
    }

    [Theory]
    [InlineData(raw.SQLITE_FULL, BrokerFault.Full)]
    [InlineData(raw.SQLITE_BUSY, BrokerFault.NotApplied)]
    [InlineData(raw.SQLITE_IOERR | (4 << 8), BrokerFault.Unknown)]
    [InlineData(raw.SQLITE_CORRUPT, BrokerFault.Unknown)]
    public void AtCommit_Code_SaysWhatIsKnown(int code, BrokerFault fault) => Assert.Equal(fault, new SqliteFailure(code, "").AtCommit("q.db").Fault);

    [Theory]
    [InlineData(raw.SQLITE_FULL, BrokerFault.Full)]
    [InlineData(raw.SQLITE_IOERR | (3 << 8), BrokerFault.Full)]
    [InlineData(raw.SQLITE_BUSY | (2 << 8), BrokerFault.NotApplied)]
    [InlineData(raw.SQLITE_CORRUPT, BrokerFault.Refused)]
    [InlineData(raw.SQLITE_NOTADB, BrokerFault.Refused)]
    [InlineData(raw.SQLITE_READONLY, BrokerFault.Refused)]
    public void BeforeCommit_Code_SaysWhatIsKnown(int code, BrokerFault fault) => Assert.Equal(fault, new SqliteFailure(code, "").BeforeCommit("q.db").Fault);

    private static WriteOperation<int> Operation(Func<WriteContext, int> step) => new(start: 0, weight: 1, step);

    private static void Create(WriteContext context, string queue) => context.FindOrCreateQueue(QueueName.Parse(queue));

    private QueueFile NewFile() =>
        new(new SqliteBrokerOptions { Path = File.Path }, () => "one", new BrokerEnvironment(File.Time, new SeededRandom(1)), NullLogger.Instance, Migrations.Shipped);
}
