using System.Runtime.Versioning;
using ReliableQueue.State;
using ReliableQueue.Tests.Security;

namespace ReliableQueue.Tests.State;

[UnsupportedOSPlatform("windows")]
public sealed class FilePrivacyTests : IDisposable
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(UnixFileMode.None, UnixFileMode.None, null)]
    [InlineData(UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute, UnixFileMode.GroupRead | UnixFileMode.GroupWrite, null)]
    [InlineData(UnixFileMode.OtherRead | UnixFileMode.OtherExecute, UnixFileMode.None, null)]
    [InlineData(UnixFileMode.OtherWrite, UnixFileMode.None, "can put files into its folder (mode 0702); chmod 700")]
    [InlineData(UnixFileMode.StickyBit | UnixFileMode.OtherWrite, UnixFileMode.None, "can put files into its folder")]
    [InlineData(UnixFileMode.None, UnixFileMode.OtherRead, "can get at its content (mode 0604); chmod 600")]
    public async Task Open_WhenOthersMayGetAtIt_WarnsWithTheRemedy(UnixFileMode more, UnixFileMode moreOfFile, string? warning)
    {
        await using (await folder.OpenAsync())
        {
            // Makes the file.
        }

        File.SetUnixFileMode(folder.Folder, Own | more);
        File.SetUnixFileMode(folder.FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | moreOfFile);
        using var log = new CanaryLog();
        await using var state = await StateFile.OpenAsync(new FileOpening(folder.FilePath, folder.Time), log.CreateLogger("state"), _ => { }, StateFolder.Cancellation);

        var said = log.Entries.Select(entry => entry.Text).ToList();
        Assert.Equal(warning is null, said.Count == 0);
        Assert.All(said, text => Assert.Contains(warning ?? "", text, StringComparison.Ordinal));
    }
}
