using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>A queue file that can never be used fails the start with its option, instead of a worker that waits for it.</summary>
public sealed class SqlitePathTests
{
    [Fact]
    public Task Start_PathIsADirectory_SaysWhatToWrite() => AssertFaultAsync("", folder => folder, "is a directory. Name a file in it, for example '{0}/queue.db'");

    [Fact]
    public async Task Start_PathBelowAFile_SaysThatItCannotBeMade()
    {
        await AssertFaultAsync("", folder => Path.Combine(Path.Combine(folder, "file"), "queue.db"), "cannot be made: ", folder => File.WriteAllText(Path.Combine(folder, "file"), "x"));
    }

    [Fact]
    public async Task Start_PathThatNobodyCanWrite_SaysThatItCannotBeMade()
    {
        if (OperatingSystem.IsLinux())
        {
            await AssertFaultAsync("", _ => "/proc/queue/queue.db", "Name a file in a directory that this user can write to.");
        }
    }

    [Fact]
    public Task Start_FileOfAnotherProgram_SaysSoAndNamesTheSet() => AssertFaultAsync(
        "billing",
        folder => Path.Combine(folder, "letters.txt"),
        "is damaged or is no SQLite database",
        folder => File.WriteAllText(Path.Combine(folder, "letters.txt"), new string('a', 2000)));

    [Fact]
    public async Task Start_ConnectionString_SaysWhatToWriteAndMakesNoFile()
    {
        await using var rig = new SetRig(("ReliableQueue:Sqlite:Path", "Data Source=queue.db"));
        rig.Add.AddReliableWorker(worker => worker.UseSqlite().AddHandler<Greeting, GreetingHandler>("emails"));

        Assert.Equal(
            ["Path (Data Source=queue.db) of the SQLite broker is a connection string; write the name of the file alone: \"queue.db\"."],
            await rig.FaultsAsync());
        Assert.Empty(Directory.EnumerateFiles(rig.Folder));
    }

    [Fact]
    public async Task Start_FileThatIsMissing_IsMade()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableQueue(queue => queue.UseSqlite("data/queue.db"));
        Assert.Empty(await rig.FaultsAsync());
        Assert.True(File.Exists(Path.Combine(rig.Folder, "data", "queue.db")));
    }

    private static async Task AssertFaultAsync(string set, Func<string, string> path, string text, Action<string>? prepare = null)
    {
        await using var rig = new SetRig();
        prepare?.Invoke(rig.Folder);
        void Configure(ReliableQueueBuilder worker) => worker.UseSqlite(path(rig.Folder)).AddHandler<Greeting, GreetingHandler>("emails");
        _ = set.Length == 0 ? rig.Add.AddReliableWorker(Configure) : rig.Add.AddReliableWorker(set, Configure);

        var fault = Assert.Single(await rig.FaultsAsync());

        Assert.StartsWith($"Path ({path(rig.Folder)}) of the SQLite broker{(set.Length == 0 ? "" : $" of '{set}'")} cannot be used. ", fault, StringComparison.Ordinal);
        Assert.Contains(string.Format(null, text, rig.Folder), fault, StringComparison.Ordinal);
        Assert.EndsWith(
            set.Length == 0 ? "ReliableQueue:Sqlite:Path (environment variable ReliableQueue__Sqlite__Path)." : $"(environment variable ReliableQueue__Sets__{set}__Sqlite__Path).",
            fault,
            StringComparison.Ordinal);
    }
}
