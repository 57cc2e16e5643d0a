using System.Runtime.Versioning;
using ReliableQueue.TestKit;

namespace ReliableQueue.Samples.Tests;

/// <summary>The web application as a container runs it: an ordinary user, and a content root that this user may only read. One folder, the volume, may be written.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OrdinaryUserTests : IDisposable
{
    private const string Setting = "ReliableQueue__Worker__StateFile";
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rq-user-");

    public OrdinaryUserTests()
    {
        CopyOf(Sample.FolderOf("WebApp"), Root);
        Directory.CreateDirectory(Volume);
        folder.UnixFileMode |= Readable;
        new DirectoryInfo(Root).UnixFileMode = Readable;
        new DirectoryInfo(Volume).UnixFileMode = Readable | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    }

    private string Root => Path.Combine(folder.FullName, "app");

    private string Volume => Path.Combine(folder.FullName, "volume");

    public void Dispose()
    {
        new DirectoryInfo(Root).UnixFileMode |= UnixFileMode.UserWrite;
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_default_state_file_is_refused_at_start_with_the_setting_and_the_advice_in_the_text()
    {
        using var program = Start();

        await program.WaitForLineAsync($"{Path.Combine(Root, "state", "worker.db")}' cannot be written");
        await program.WaitForExitAsync();

        Assert.NotEqual(0, program.ExitCode);
        Assert.Contains(Setting, program.Output, StringComparison.Ordinal);
        Assert.Contains("In a container, mount a volume", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_setting_puts_all_files_on_the_volume()
    {
        // Settings on the command line come last: the path of the queue file is that of the sample's configuration again, relative.
        using var program = Start([$"ReliableQueue__DataDirectory={Volume}"], ["--ReliableQueue:Sqlite:Path", "state/queue.db"]);

        await HandlesAndStopsAsync(program);

        Assert.True(File.Exists(Path.Combine(Volume, "state", "worker.db")) && File.Exists(Path.Combine(Volume, "state", "queue.db")));
        Assert.False(Directory.Exists(Path.Combine(Root, "state")));
    }

    [Fact]
    public async Task A_state_file_on_a_volume_is_used()
    {
        using var program = Start($"{Setting}={Path.Combine(Volume, "worker.db")}");

        await HandlesAndStopsAsync(program);

        Assert.True(File.Exists(Path.Combine(Volume, "worker.db")));
    }

    [Fact]
    public async Task Without_a_state_file_messages_are_handled_and_nothing_is_written_but_the_queue()
    {
        using var program = Start($"{Setting}=none");

        await HandlesAndStopsAsync(program);

        Assert.Equal(["queue.db"], Directory.EnumerateFiles(Volume).Select(Path.GetFileName));
        Assert.False(Directory.Exists(Path.Combine(Root, "state")));
    }

    private static async Task HandlesAndStopsAsync(RunningProgram program)
    {
        var listening = await program.WaitForLineAsync("Now listening on: ");
        await program.WaitForLineAsync("Application started.");
        using var http = new HttpClient { BaseAddress = new Uri(listening.Split("on: ")[1]) };
        using var signedUp = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(http, "/signup", new { email = "ada@example.org" });
        Assert.True(signedUp.IsSuccessStatusCode);
        await program.WaitForLineAsync("ada@example.org");
        await program.TerminateAsync();
        await program.WaitForExitAsync();
        Assert.Equal(0, program.ExitCode);
    }

    private static void CopyOf(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy) ?? to, Readable | UnixFileMode.UserWrite);
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, Readable);
        }
    }

    private RunningProgram Start(params string[] environment) => Start(environment, ["--ReliableQueue:Sqlite:Path", Path.Combine(Volume, "queue.db")]);

    private RunningProgram Start(string[] environment, string[] settings)
    {
        // Who may write everywhere becomes somebody who may not. Any other user is an ordinary one already.
        string[] user = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        string[] command =
        [
            .. user, "env", .. environment, Path.Combine(Root, "WebApp"), "--urls", "http://127.0.0.1:0", .. settings,
        ];
        return RunningProgram.Start(command[0], Root, command[1..]);
    }
}
