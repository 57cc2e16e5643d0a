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
}
