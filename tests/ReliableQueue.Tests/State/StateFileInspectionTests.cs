using System.Runtime.Versioning;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

[UnsupportedOSPlatform("windows")]
public sealed class StateFileInspectionTests : IDisposable
{
    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Inspect_NoFile_MakesThePrivateDirectoryAndNoStateFile()
    {
        var path = Path.Combine(folder.Folder, "a", "b", "worker.db");
        StateFile.Inspect(path);
        Assert.False(File.Exists(path));
        AssertMode(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Path.Combine(folder.Folder, "a", "b"));
    }

    [Fact]
    public async Task Every_file_of_it_is_private()
    {
        await using var state = await folder.OpenAsync();
        await state.RecordAsync([folder.NewRejection()]);
        AssertMode(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, folder.FilePath, folder.FilePath + ".lock", folder.FilePath + "-wal", folder.FilePath + "-shm");
    }

    [Fact]
    public async Task Inspect_WhileOwned_FindsNothingWrong()
    {
        await using var state = await folder.OpenAsync();
        await state.RecordAsync([folder.NewRejection()]);
        StateFile.Inspect(folder.FilePath);
        await state.RecordAsync([folder.NewRejection()]);
    }

    [Fact]
    public async Task Inspect_LeftByAKill_ChangesNeitherFileNorLog()
    {
        await using var state = await folder.OpenAsync();
        await state.RecordAsync([folder.NewRejection()]);
        var copy = folder.CopyAsKilled();
        var before = (await File.ReadAllBytesAsync(copy, StateFolder.Cancellation), await File.ReadAllBytesAsync(copy + "-wal", StateFolder.Cancellation));
        StateFile.Inspect(copy);
        Assert.Equal(before.Item1, await File.ReadAllBytesAsync(copy, StateFolder.Cancellation));
        Assert.Equal(before.Item2, await File.ReadAllBytesAsync(copy + "-wal", StateFolder.Cancellation));
    }

    [Fact]
    public async Task Inspect_EmptyFile_IsNew()
    {
        await File.WriteAllBytesAsync(folder.FilePath, [], StateFolder.Cancellation);
        StateFile.Inspect(folder.FilePath);
        await using var state = await folder.OpenAsync();
        await state.RecordAsync([folder.NewRejection()]);
    }

    [Fact]
    public Task A_text_file_is_refused() => RefusesAsync("it is not a SQLite database", path => File.WriteAllText(path, string.Concat(Enumerable.Repeat("hello ", 1000))));

    [Fact]
    public Task A_short_text_file_is_refused() => RefusesAsync("it is not a SQLite database", path => File.WriteAllText(path, "hello"));

    [Fact]
    public Task A_database_of_another_program_is_refused() =>
        RefusesAsync("it is a SQLite database of another program", path => Sql(path, "CREATE TABLE users (name)"));

    [Fact]
    public Task A_database_marked_by_another_program_is_refused() =>
        RefusesAsync("it is a SQLite database of another program", path => Sql(path, "PRAGMA application_id = 7"));

    [Fact]
    public Task A_file_of_a_future_version_is_refused() => RefusesAsync("written by a newer version of ReliableQueue (format 3, for versions that know format 2; this one knows up to 1)", path =>
    {
        Create(path);
        Sql(path, $"PRAGMA user_version = {(2 << 16) + 3}");
    });

    [Fact]
    public Task A_file_whose_tables_were_changed_is_refused() => RefusesAsync("its tables are not those of its format", path =>
    {
        Create(path);
        Sql(path, "CREATE TRIGGER forget AFTER INSERT ON records BEGIN DELETE FROM records; END");
    });

    [Fact]
    public Task A_file_whose_pages_are_damaged_is_refused() => RefusesAsync("is damaged", path =>
    {
        Create(path);
        StateFolder.Shell($"printf 'xxxxxxxxxxxxxxxx' | dd of='{path}' bs=1 seek=8192 conv=notrunc status=none");
    });

    [Fact]
    public Task A_directory_is_refused() => RefusesAsync("it is a directory", path => Directory.CreateDirectory(path));

    [Fact]
    public Task A_symbolic_link_is_refused() => RefusesAsync("it is a symbolic link", path =>
    {
        Create(path + ".real");
        File.CreateSymbolicLink(path, path + ".real");
    });

    [Fact]
    public Task A_dangling_symbolic_link_is_refused() => RefusesAsync("it is a symbolic link", path => File.CreateSymbolicLink(path, path + ".nowhere"));

    [Fact]
    public Task A_file_with_two_names_is_refused() => RefusesAsync("it has 2 names (hard links)", path =>
    {
        Create(path + ".other");
        StateFolder.Shell($"ln '{path}.other' '{path}'");
    });

    [Fact]
    public Task A_read_only_file_is_refused() => RefusesAsync("cannot be written", path =>
    {
        Create(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
    });

    [Fact]
    public async Task A_path_through_a_file_is_refused()
    {
        var path = Path.Combine(folder.Folder, "file", "worker.db");
        await File.WriteAllTextAsync(Path.Combine(folder.Folder, "file"), "not a directory", StateFolder.Cancellation);
        Assert.Contains("cannot be written", Assert.Throws<StateFileException>(() => StateFile.Inspect(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_without_the_right_to_write_is_refused_unless_by_root()
    {
        var directory = Directory.CreateDirectory(Path.Combine(folder.Folder, "closed"), UnixFileMode.UserRead | UnixFileMode.UserExecute).FullName;
        var path = Path.Combine(directory, "worker.db");
        if (Environment.IsPrivilegedProcess)
        {
            // Root may write everywhere.
            Assert.Null(Record.Exception(() => StateFile.Inspect(path)));
            return;
        }

        var exception = Assert.Throws<StateFileException>(() => StateFile.Inspect(path));
        Assert.Contains("Give the process the right", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_SQLite_library_is_refused()
    {
        var fault = StateFileInspection.FaultOfLibrary("/state/worker.db", new Version(3, 50, 1));
        Assert.Contains("needs SQLite 3.50.2 or newer; the loaded library is 3.50.1", fault?.Message, StringComparison.Ordinal);
        Assert.Null(StateFileInspection.FaultOfLibrary("/state/worker.db", new Version(3, 50, 2)));
    }

    private static void Create(string path)
    {
        File.WriteAllBytes(path, []);
        using var database = StateDatabase.Open(path);
        database.TakeOver();
        StateSchema.Current.Migrate(database, "machine", "file");
    }

    private static void Sql(string path, string sql)
    {
        if (!File.Exists(path))
        {
            File.WriteAllBytes(path, []);
        }

        using var database = StateDatabase.Open(path);
        database.TakeOver();
        database.Execute(sql);
    }

    private static void AssertMode(UnixFileMode expected, params string[] paths) => Assert.All(paths, path => Assert.Equal(expected, File.GetUnixFileMode(path)));

    private async Task RefusesAsync(string reason, Action<string> make)
    {
        make(folder.FilePath);
        var before = Content();

        var inspected = Assert.Throws<StateFileException>(() => StateFile.Inspect(folder.FilePath));
        var opened = await Assert.ThrowsAsync<StateFileException>(() => folder.OpenAsync());

        Assert.Equal(folder.FilePath, inspected.Path);
        Assert.Equal(inspected.Message, opened.Message);
        Assert.Contains($"'{folder.FilePath}'", inspected.Message, StringComparison.Ordinal);
        Assert.Contains(reason, inspected.Message, StringComparison.Ordinal);
        Assert.Equal(before, Content());

        byte[] Content() => File.Exists(folder.FilePath) && new FileInfo(folder.FilePath).LinkTarget is null ? File.ReadAllBytes(folder.FilePath) : [];
    }
}
