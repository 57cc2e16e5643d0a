using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using ReliableQueue.Storage;
using Xunit;
using IOFile = System.IO.File;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>Whoever is newer brings the file to its version; whoever is too old for a file says so and leaves it as it is.</summary>
public sealed class MigrationTests : SqliteTest
{
    // Version 2 of a library that does not exist: a column of its own, and rows that it writes anew.
    private const string Second = "ALTER TABLE message ADD COLUMN mood INTEGER NOT NULL DEFAULT 0; UPDATE message SET mood = 1;";

    [Fact]
    public async Task Open_FileOfAnEarlierVersion_KeepsItsRowsAndSaysSo()
    {
        var messages = await FillAsync();
        await using var newer = File.Open(migrations: Newer());
        var worker = Client(newer);

        Assert.Equal(messages.Select(message => message.Id), (await worker.LeaseAsync()).Select(leased => leased.Lease.Message));

        using var stranger = Stranger();
        Assert.Equal(new FormatVersion(Version: 2, LowestReader: 2), Migrations.VersionOf(stranger));
        Assert.Equal(5, stranger.Number("SELECT count(*) FROM message WHERE mood = 1"));
        Assert.Contains("from version 1 to version 2", Assert.Single(File.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FileOfANewerVersion_IsRefusedAsSuchAndLeftAsItIs()
    {
        await FillAsync();
        await using (var newer = File.Open(migrations: Newer()))
        {
            await Client(newer).EnqueueAsync(1);
        }

        var before = await IOFile.ReadAllBytesAsync(File.Path, Cancel);
        await using (var older = File.Open())
        {
            var refusal = await Assert.ThrowsAsync<BrokerException>(() => Client(older).EnqueueAsync(1));
            Assert.Equal(BrokerFault.Refused, refusal.Fault);
            Assert.Contains("has format 2, written by a newer version of this library", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("libraries of format 2 and later can use it, and this one is of format 1", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await IOFile.ReadAllBytesAsync(File.Path, Cancel));
    }

    [Fact]
    public async Task Open_FileOfANewerVersionThatEarlierOnesCanUse_IsUsedAndKeepsItsVersion()
    {
        await FillAsync();
        await using (var newer = File.Open(migrations: Newer(lowestReader: 1)))
        {
            await Client(newer).EnqueueAsync(1);
        }

        await using var older = File.Open();
        Assert.Equal(6, (await Client(older).LeaseAsync()).Count);
        using var stranger = Stranger();
        Assert.Equal(new FormatVersion(Version: 2, LowestReader: 1), Migrations.VersionOf(stranger));
    }

    [Fact]
    public async Task A_file_that_becomes_too_new_while_it_is_open_is_refused_from_the_next_call_on()
    {
        await FillAsync();
        await using var older = File.Open();
        var worker = Client(older);
        var leased = await worker.LeaseAsync(1);
        using var renewal = older.OpenRenewalConnection();
        renewal.Renew(new RenewRequest(Queue, [leased[0].Lease], ContractClient.Visibility));
        await using (var newer = File.Open(migrations: Newer()))
        {
            await Client(newer).EnqueueAsync(1);
        }

        await AssertFaultAsync(BrokerFault.Refused, () => worker.LeaseAsync());
        await AssertFaultAsync(BrokerFault.Refused, () => older.Admin.GetStatisticsAsync(Queue, Cancel));
        Assert.Equal(BrokerFault.Refused, Assert.Throws<BrokerException>(() => renewal.Renew(new RenewRequest(Queue, [leased[0].Lease], ContractClient.Visibility))).Fault);
    }

    [Fact]
    public async Task A_migration_that_fails_in_the_middle_leaves_the_file_as_it_was()
    {
        var messages = await FillAsync();
        await using (var newer = File.Open(migrations: Newer(after: _ => throw new InvalidOperationException("in the middle"))))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => Client(newer).EnqueueAsync(1));
        }

        await AssertIsOfVersionOneAsync(File, messages);
    }

    [Fact]
    public async Task A_process_that_is_killed_in_the_middle_of_a_migration_leaves_the_file_as_it_was()
    {
        var messages = await FillAsync();
        using var killed = new TemporaryFile();
        await using (var newer = File.Open(migrations: Newer(connection => CopyInTheMiddle(connection, killed.Path))))
        {
            await Client(newer).EnqueueAsync(1);
        }

        await AssertIsOfVersionOneAsync(killed, messages);
        await using var again = killed.Open(migrations: Newer());
        Assert.Equal(messages.Length, (await again.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
    }

    [Fact]
    public async Task Two_that_open_a_file_at_once_migrate_it_once()
    {
        var messages = await FillAsync();
        var runs = 0;
        var migrations = Newer(_ => Interlocked.Increment(ref runs));
        using var start = new Barrier(4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            async () =>
            {
                await using var broker = File.Open(migrations: migrations);
                start.SignalAndWait(Cancel);
                Assert.Equal(messages.Length, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
            },
            Cancel,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));
        Assert.Equal(1, runs);
    }

    private static Migrations Newer(Action<Connection>? after = null, int lowestReader = 2) => new(
        new Migration(Version: 1, LowestReader: 1, connection => connection.Execute(Schema.Create)),
        new Migration(
            Version: 2,
            lowestReader,
            connection =>
            {
                connection.Execute(Second);
                after?.Invoke(connection);
            }));

    // A cache of one page makes SQLite write to the log what is not committed yet, as it does in a long transaction.
    private void CopyInTheMiddle(Connection connection, string target)
    {
        connection.Execute("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; CREATE TABLE ballast AS SELECT * FROM message, envelope; DROP TABLE ballast");
        Directory.CreateDirectory(Path.GetDirectoryName(target) ?? "");
        IOFile.Copy(File.Path, target);
        IOFile.Copy(File.Path + "-wal", target + "-wal");
        Assert.True(new FileInfo(target + "-wal").Length > 0);
    }

    private static async Task AssertIsOfVersionOneAsync(TemporaryFile file, NewMessage[] messages)
    {
        await using var broker = file.Open();
        var ready = await broker.Admin.BrowseAsync(new BrowseRequest(Queue, MessageState.Ready, Cursor: null, Take: 10), Cancel);
        Assert.Equal(messages.Select(message => message.Id), ready.Messages.Select(message => message.Id));
        using var stranger = Connection.Open(file.Path);
        Assert.Equal((1, 0), (Migrations.VersionOf(stranger).Version, stranger.Number("SELECT count(*) FROM pragma_table_info('message') WHERE name = 'mood'")));
    }

    private async Task<NewMessage[]> FillAsync()
    {
        await using var broker = File.Open();
        return await Client(broker).EnqueueAsync(5);
    }
}
