using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using ReliableQueue.Broker;
using ReliableQueue.Storage;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>
/// Counts the commits of every connection that is opened to one file while this lives, and makes the chosen one fail: before anything is in the log, so that SQLite
/// undoes it, or when all of it is there and only the answer is an error, as after a sync that failed.
/// </summary>
internal sealed class CommitFault : ICallFault, IDisposable
{
    /// <summary>SQLITE_IOERR_FSYNC.</summary>
    private const int SyncFailed = 10 | (4 << 8);

    private static readonly ConcurrentDictionary<string, CommitFault> byFile = new();
    private static readonly OpenHook onOpen = Watch;
    private static readonly CommitHook onCommit = connection => Find(connection)?.Commit(connection) ?? 0;
    private static readonly LogHook onLogged = (_, _, _, _) => SyncFailed;

    private readonly string path;
    private readonly int failing;
    private readonly bool isDone;
    private Connection? reader;
    private int commits;

    static CommitFault() => Assert.Equal(0, CallOnOpen(onOpen));

    /// <param name="path">The file.</param>
    /// <param name="failing">Which commit fails, from 1; 0: none.</param>
    /// <param name="isDone">Whether what fails is done all the same.</param>
    public CommitFault(string path, int failing, bool isDone)
    {
        (this.path, this.failing, this.isDone) = (path, failing, isDone);
        byFile[path] = this;
    }

    private delegate int OpenHook(nint connection, nint error, nint routines);

    private delegate int CommitHook(nint connection);

    private delegate int LogHook(nint context, nint connection, nint name, int frames);

    public int Commits => commits;

    public int Failed { get; private set; }

    public bool WasDoneTwice { get; private set; }

    /// <summary>From here on commits count.</summary>
    public void Begin() => reader = Connection.Open(path);

    public async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
    {
        var stranger = reader ?? throw new InvalidOperationException("Not begun.");
        var before = QueueRows.Dump(stranger);
        WasDoneTwice = false;
        try
        {
            return await call();
        }
        catch (BrokerException fault)
        {
            Failed++;
            var when = $"commit {failing}, {name}";
            Assert.True(fault.Fault == BrokerFault.Unknown, $"{when}: said to be {fault.Fault}");
            Assert.True(isDone != (before == QueueRows.Dump(stranger)), $"{when}: {(isDone ? "not done" : "done")}");
            WasDoneTwice = isDone;
            return await call();
        }
    }

    public void Dispose()
    {
        byFile.TryRemove(path, out _);
        reader?.Dispose();
    }

    private static int Watch(nint connection, nint error, nint routines)
    {
        if (Find(connection) is not null)
        {
            SetCommitHook(connection, onCommit, connection);
        }

        return 0;
    }

    private static CommitFault? Find(nint connection) =>
        Marshal.PtrToStringUTF8(NameOf(connection, Encoding.UTF8.GetBytes("main\0"))) is { } name && byFile.TryGetValue(name, out var fault) ? fault : null;

    private int Commit(nint connection)
    {
        if (reader is null || Interlocked.Increment(ref commits) != failing)
        {
            return 0;
        }

        if (isDone)
        {
            SetLogHook(connection, onLogged, 0);
        }

        return isDone ? 0 : 1;
    }

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_auto_extension", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int CallOnOpen(OpenHook hook);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_db_filename", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern nint NameOf(nint connection, byte[] schema);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_commit_hook", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern nint SetCommitHook(nint connection, CommitHook hook, nint context);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_wal_hook", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern nint SetLogHook(nint connection, LogHook hook, nint context);
}
