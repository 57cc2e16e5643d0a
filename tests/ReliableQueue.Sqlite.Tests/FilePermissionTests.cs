using ReliableQueue.Broker;
using Xunit;
using IOFile = System.IO.File;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>Messages may hold secrets: nobody but the owner reads the files.</summary>
public sealed class FilePermissionTests : SqliteTest
{
    [Fact]
    public async Task Files_and_directory_are_made_for_the_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ReadWrite | UnixFileMode.UserExecute, IOFile.GetUnixFileMode(Path.GetDirectoryName(File.Path) ?? ""));
        Assert.Equal(ReadWrite, IOFile.GetUnixFileMode(File.Path));
        Assert.Equal(ReadWrite, IOFile.GetUnixFileMode(File.Path + "-wal"));
        Assert.Equal(ReadWrite, IOFile.GetUnixFileMode(File.Path + "-shm"));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead | UnixFileMode.GroupWrite, UnixFileMode.GroupRead | UnixFileMode.GroupWrite, null)]
    [InlineData(UnixFileMode.OtherWrite, UnixFileMode.None, "can put files into its folder; chmod 700")]
    [InlineData(UnixFileMode.None, UnixFileMode.OtherRead, "can get at them; chmod 600")]
    public async Task CheckAsync_WhenOthersMayGetAtIt_WarnsWithTheRemedy(UnixFileMode more, UnixFileMode moreOfFile, string? warning)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        IOFile.SetUnixFileMode(Path.GetDirectoryName(File.Path) ?? "", ReadWrite | UnixFileMode.UserExecute | more);
        IOFile.SetUnixFileMode(File.Path, ReadWrite | moreOfFile);

        var findings = await broker.Admin.CheckAsync(Cancel);

        Assert.Equal(warning is null, findings.Count == 0);
        Assert.All(findings, finding => Assert.Equal((FindingSeverity.Warning, "not-private"), (finding.Severity, finding.Code)));
        Assert.All(findings, finding => Assert.Contains(warning ?? "", finding.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Open_SymbolicLinkToAFileOfAnotherProgram_IsRefusedAndTheFileLeftAsItIs()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var folder = Directory.CreateDirectory(Path.GetDirectoryName(File.Path) ?? "").FullName;
        var other = Path.Combine(folder, "shadow");
        await IOFile.WriteAllTextAsync(other, "root:*:0:0", Cancel);
        IOFile.CreateSymbolicLink(File.Path, other);
        await using var broker = File.Open();

        await AssertFaultAsync(BrokerFault.Refused, () => Client(broker).EnqueueAsync(1));

        Assert.Equal("root:*:0:0", await IOFile.ReadAllTextAsync(other, Cancel));
    }
}
