using Microsoft.Extensions.Logging;
using ReliableQueue.Diagnostics;
using ReliableQueue.Storage;

namespace ReliableQueue.State;

/// <summary>
/// The worker's state file: one SQLite file, one owner, and the one thread that touches it. A thread of its own, because a commit waits for the disk and the pool must not.
/// </summary>
internal sealed class StateFile : IAsyncDisposable
{
    private const int DamagedRowsShown = 10;

    private static readonly TimeSpan OwnerPoll = TimeSpan.FromMilliseconds(250);

    private readonly string path;
    private readonly StateSchema schema;
    private readonly OwnerLock ownerLock;

    // A monitor and not an event: there is nothing to dispose, so a late caller cannot meet a disposed one.
    private readonly object bell = new();
    private readonly string? identity;
    private StateDatabase? database;
    private bool isSuspect;

    private StateFile(FileOpening opening, OwnerLock ownerLock, StateDatabase database, LoadedState loaded)
    {
        (path, schema, this.ownerLock, this.database) = (opening.Path, opening.Schema, ownerLock, database);
        (Memory, DamagedRows) = (loaded.Memory, loaded.Damaged.Count);
        Journal = new Journal(path, loaded.Memory, opening.Time, Ring);
        identity = FileIdentity.Of(path);
        new Thread(Run) { IsBackground = true, Name = "ReliableQueue state file" }.Start();
    }

    /// <summary>What the worker knows and writes; disposing it closes the file.</summary>
    public Journal Journal { get; }

    /// <summary>How many rows failed their checksum when the file was opened.</summary>
    public int DamagedRows { get; }

    /// <summary>What it answers from, for a test to look into.</summary>
    internal StateMemory Memory { get; }

    /// <summary>How many transactions were committed since; a test counts how many records share one.</summary>
    internal long Commits { get; private set; }

    /// <summary>A test's way to make a write fail: called at the start of each transaction, on the thread of the file.</summary>
    internal Action<Connection>? OnTransaction { get; set; }

    /// <summary>Says at host start what would make opening fail. Makes the directory and the lock file, changes nothing else, waits for nobody.</summary>
    /// <returns>What the file looked like, for <see cref="OpenAsync"/>: a file that still looks so is not looked at a second time.</returns>
    /// <exception cref="StateFileException">The file cannot be used; the text says why and what to do.</exception>
    public static FileStamp? Inspect(string path) => StateFileInspection.Run(Path.GetFullPath(path), StateSchema.Current);

    /// <summary>Waits until no other process owns the file, then opens it and reads what it holds.</summary>
    /// <param name="opening">Which file, and how.</param>
    /// <param name="logger">Hears of damaged rows and of a copied file.</param>
    /// <param name="onWaiting">Called when another process is found to own the file, and again when the owner changes.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="StateFileException">The file cannot be used.</exception>
    public static async Task<StateFile> OpenAsync(FileOpening opening, ILogger logger, Action<StateFileOwner> onWaiting, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(opening.Path);
        opening = opening with { Path = path };
        StateFileInspection.Prepare(path);
        StateFileOwner? told = null;
        OwnerLock? ownerLock;
        while ((ownerLock = OwnerLock.TryTake(path)) is null)
        {
            var owner = OwnerText.Read(path);
            if (owner != told)
            {
                told = owner;
                onWaiting(owner);
            }

            await Task.Delay(OwnerPoll, opening.Time, cancellationToken);
        }

        try
        {
            return Open(opening, ownerLock, logger);
        }
        catch (Exception exception)
        {
            ownerLock.Dispose();
            throw StateFileFaults.Of(path, exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Journal.DisposeAsync();

    private static StateFile Open(FileOpening opening, OwnerLock ownerLock, ILogger logger)
    {
        var path = opening.Path;
        var isInspected = FileStamp.Of(path) == opening.Inspected;
        var database = StateDatabase.Open(path);
        try
        {
            if (!isInspected)
            {
                // Since the host started, or while we waited for the owner, the file may have become another.
                StateFileInspection.Refuse(path, database, opening.Schema);
            }

            database.TakeOver();
            var (machine, file) = (FileIdentity.Machine(), FileIdentity.Of(path) ?? string.Empty);
            opening.Schema.Migrate(database, machine, file);
            var loaded = new StateLoader(database.Read, StateRetention.Default, opening.Time.GetUtcNow()).Load(machine, file);
            database.WriteAll(loaded.Changes);
            if (loaded.Damaged.Count > 0)
            {
                logger.DamagedStateRows(path, loaded.Damaged.Count, string.Join(", ", loaded.Damaged.Take(DamagedRowsShown)));
            }

            if (loaded.IsCopy)
            {
                logger.CopiedStateFile(path);
            }

            if (StateFileInspection.ExposureOf(path) is { } exposed)
            {
                logger.ExposedStateFile(path, exposed);
            }

            return new StateFile(opening, ownerLock, database, loaded);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void Ring()
    {
        lock (bell)
        {
            Monitor.Pulse(bell);
        }
    }

    private void Run()
    {
        while (WaitForWork())
        {
            Journal.Write(Journal.Take(), Commit);
        }

        // What came between the last look and the end.
        Journal.Write(Journal.Take(), Commit);
        Discard();
        ownerLock.Dispose();
        Journal.End();
    }

    /// <summary>False: the journal is closed.</summary>
    private bool WaitForWork()
    {
        lock (bell)
        {
            while (!Journal.IsClosed)
            {
                var within = Journal.WriteWithin;
                if (within == TimeSpan.Zero || !Monitor.Wait(bell, within))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private void Commit(IReadOnlyList<RowChange> changes)
    {
        try
        {
            if (FileIdentity.Of(path) != identity)
            {
                // Written now, it would be gone at the next start.
                throw StateFileFaults.Gone(path);
            }

            database ??= Reopen();
            database.WriteAll(changes, OnTransaction);
            Commits++;
        }
        catch (Exception exception)
        {
            isSuspect |= StateFileFaults.IsDamage(exception);

            // A failed sync leaves the kernel believing that pages are clean which never reached the disk. The handle is finished; closing it rolls back.
            Discard();
            throw;
        }
    }

    private StateDatabase Reopen()
    {
        if (isSuspect)
        {
            StateFileInspection.Run(path, schema);
            isSuspect = false;
        }

        var reopened = StateDatabase.Open(path);
        try
        {
            // Moves what the log holds into the file and syncs that, then begins a new log: a page the failed sync lost would cut off all that is logged after it.
            reopened.TakeOver();
            reopened.Checkpoint();
            return reopened;
        }
        catch
        {
            reopened.Dispose();
            throw;
        }
    }

    private void Discard()
    {
        // Closing tidies up; what it could not do, the next opening does.
        database?.Dispose();
        database = null;
    }
}

/// <summary>Which state file is opened, and how.</summary>
/// <param name="Path">Its path; it and its directory are made when missing.</param>
/// <param name="Time">The clock.</param>
internal sealed record FileOpening(string Path, TimeProvider Time)
{
    /// <summary>What <see cref="StateFile.Inspect"/> saw; null: it is still to be inspected.</summary>
    public FileStamp? Inspected { get; init; }

    /// <summary>The versions of the format that can be opened. Default: all of this library.</summary>
    public StateSchema Schema { get; init; } = StateSchema.Current;
}
