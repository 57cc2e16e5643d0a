using ReliableQueue.Broker;
using Xunit;
using IOFile = System.IO.File;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A file that is not ours to write is refused with a text, and left as it is.</summary>
public sealed class FileRefusalTests : SqliteTest
{
    [Theory]
    [InlineData("PRAGMA application_id = 77; CREATE TABLE t (x)", "another program")]
    [InlineData("PRAGMA application_id = 77", "another program")]
    [InlineData("CREATE TABLE t (x)", "another program")]
    [InlineData("PRAGMA application_id = 0x52517565; PRAGMA user_version = 1", "has no version that this library knows")]
    [InlineData("PRAGMA application_id = 0x52517565; PRAGMA user_version = 0x20002", "newer version")]
    [InlineData("PRAGMA application_id = 0x52517565; PRAGMA user_version = 0x20002; PRAGMA journal_mode = WAL; CREATE TABLE t (x)", "newer version")]
    public async Task Open_DatabaseNotOurs_IsRefusedAndLeftAsItIs(string sql, string reason)
    {
        Make([]);
        using (var stranger = Stranger())
        {
            stranger.TakeOver();
            stranger.Execute(sql);
        }

        await AssertRefusedAsync(reason);
    }

    [Fact]
    public async Task Open_NoDatabase_IsRefusedAndLeftAsItIs()
    {
        Make([.. Enumerable.Range(0, 9000).Select(i => (byte)(i * 7))]);
        await AssertRefusedAsync("is damaged or is no SQLite database");
    }

    [Fact]
    public async Task Open_EmptyFile_IsUsed()
    {
        Make([]);
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
    }

    [Fact]
    public async Task Call_DamagedPages_IsRefusedAndLeftAsItIs()
    {
        await using (var broker = File.Open())
        {
            await Client(broker).EnqueueAsync(500);
        }

        var bytes = await IOFile.ReadAllBytesAsync(File.Path, Cancel);
        bytes.AsSpan(4096).Fill(0xA5);
        await IOFile.WriteAllBytesAsync(File.Path, bytes, Cancel);
        await AssertRefusedAsync("is damaged or is no SQLite database");
    }

    [Fact]
    public async Task Open_PathIsADirectory_IsRefused()
    {
        Directory.CreateDirectory(File.Path);
        await using var broker = File.Open();
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => Client(broker).EnqueueAsync(1));
        Assert.Equal(BrokerFault.Refused, refusal.Fault);
        Assert.Contains($"is a directory. Name a file in it, for example '{Path.Combine(File.Path, "queue.db")}'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 5000, null, "must name a file")]
    [InlineData(":memory:", 5000, null, "Path (:memory:) of the SQLite broker names a database in memory")]
    [InlineData("Data Source=:memory:", 5000, null, "names a database in memory")]
    [InlineData("file:queue?mode=memory&cache=shared", 5000, null, "names a database in memory")]
    [InlineData("Data Source=state/queue.db;Cache=Shared", 5000, null, "is a connection string; write the name of the file alone: \"state/queue.db\".")]
    [InlineData("Cache=Shared;DataSource = queue.db", 5000, null, "is a connection string; write the name of the file alone: \"queue.db\".")]
    [InlineData("Filename=queue.db", 5000, null, "is a connection string; write the name of the file alone: \"queue.db\".")]
    [InlineData("file:///var/lib/queue.db?cache=shared", 5000, null, "is a URI; write the name of the file alone: \"/var/lib/queue.db\".")]
    [InlineData("file:queue.db", 5000, null, "is a URI; write the name of the file alone: \"queue.db\".")]
    [InlineData("state/", 5000, null, "names a directory; write the name of a file in it, for example \"state/queue.db\".")]
    [InlineData("https://example.com/q.db", 5000, null, "is a URI; write the name of the file alone.")]
    [InlineData("q.db;Cache=Shared", 5000, null, "is a connection string; write the name of the file alone: \"q.db\".")]
    [InlineData("q.db", 1, null, "CallTimeout (00:00:00.0010000)")]
    [InlineData("q.db", 5000, 4096L, "MaxFileSize (4096)")]
    public void Create_OptionOutOfRange_SaysWhich(string path, int timeout, long? size, string text)
    {
        var options = new SqliteBrokerOptions { Path = path, CallTimeout = TimeSpan.FromMilliseconds(timeout), MaxFileSize = size };
        Assert.Contains(text, Assert.Throws<ArgumentException>(() => SqliteBroker.Create(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_RealClockAndBootId_Works()
    {
        await using var broker = SqliteBroker.Create(new SqliteBrokerOptions { Path = File.Path });
        await Client(broker).EnqueueAsync(1);
        Assert.Single(await Client(broker).LeaseAsync());
        Assert.Equal("sqlite:" + File.Path, broker.Info.Identity);
    }

    private void Make(byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File.Path) ?? "");
        IOFile.WriteAllBytes(File.Path, bytes);
    }

    private async Task AssertRefusedAsync(string reason)
    {
        var before = await IOFile.ReadAllBytesAsync(File.Path, Cancel);
        await using (var broker = File.Open())
        {
            var refusal = await Assert.ThrowsAsync<BrokerException>(() => Client(broker).EnqueueAsync(1));
            Assert.Equal(BrokerFault.Refused, refusal.Fault);
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(File.Path, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await IOFile.ReadAllBytesAsync(File.Path, Cancel));
    }
}
