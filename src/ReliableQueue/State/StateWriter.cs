using Microsoft.Data.Sqlite;

namespace ReliableQueue.State;

/// <summary>
/// The one thread that touches the file. Its own, because a commit waits for the disk and the pool must not. Group commit: what gathers while one transaction is
/// being synced goes into the next.
/// </summary>
internal sealed class StateWriter
{
    private readonly string path;
    private readonly TimeProvider time;
    private readonly StateMemory memory;
    private readonly Lock gate;
    private readonly StateInbox inbox = new();
    private readonly RoomNeeded room = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? identity;
    private StateDatabase? database;
    private volatile string? fault;
    private bool isSuspect;

    /// <summary>Starts on a database that is open and loaded.</summary>
    public StateWriter(string path, StateDatabase database, StateMemory memory, Lock gate, TimeProvider time)
    {
        (this.path, this.database, this.memory, this.gate, this.time) = (path, database, memory, gate, time);
        identity = FileIdentity.Of(path);
        new Thread(Run) { IsBackground = true, Name = "ReliableQueue state file" }.Start();
    }

    /// <summary>Called on the writer thread at the start of each transaction; tests make it fail here.</summary>
    public Action<SqliteConnection>? OnTransaction { get; set; }

    public long Commits { get; private set; }

    public string? Fault => fault;

    /// <summary>How many bytes a write must bring to show that a fault is over.</summary>
    public int RoomNeeded => room.Bytes;

    public Task Ended => ended.Task;

    public Task WriteAsync(StateWrite write)
    {
        ObjectDisposedException.ThrowIf(!inbox.TryAdd(write), this);
        return write.Task;
    }

    public void Nudge() => inbox.Nudge();

    /// <summary>Writes what waits and stops; <see cref="Ended"/> tells when.</summary>
    public void Stop() => inbox.Close();

    private void Run()
    {
        while (inbox.Take(() => Under(() => memory.HasUnwritten), () => Under(() => memory.Sessions.HasNotedCalls)) is { } batch)
        {
            Write(batch);
        }

        Write([]);
        Discard();
        ended.SetResult();
    }

    private void Write(IReadOnlyList<StateWrite> batch)
    {
        var (unwritten, rows) = Under(() => (memory.TakeUnwritten(time.GetUtcNow()), memory.LastRows()));
        List<RowChange> prepared = [];
        try
        {
            prepared = Under(() => batch.SelectMany(write => write.Prepare(memory)).ToList());
            if (unwritten.Count + prepared.Count > 0)
            {
                Commit([.. unwritten, .. prepared]);
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, this thread must outlive it, and every caller must hear of it.
            Under(() => memory.TakeBack(prepared, rows));
            room.Failed(prepared);
            Fail(batch, unwritten, exception);
            return;
        }

        foreach (var write in batch)
        {
            Under(() => write.Apply(memory));
        }

        if (fault is not null && room.IsShownBy(prepared))
        {
            fault = null;
        }

        foreach (var write in batch)
        {
            write.Complete();
        }
    }

    private void Commit(IReadOnlyList<RowChange> changes)
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

    private void Fail(IReadOnlyList<StateWrite> batch, IReadOnlyList<RowChange> unwritten, Exception exception)
    {
        var failure = StateFileFaults.Of(path, exception);
        Under(() => memory.GiveBack(unwritten));
        isSuspect |= exception is SqliteException { SqliteErrorCode: StateFileFaults.Corrupt or StateFileFaults.NotADatabase };

        // A failed sync leaves the kernel believing that pages are clean which never reached the disk. The handle is finished; closing it rolls back.
        Discard();
        fault = failure.Message;
        foreach (var write in batch)
        {
            write.Fail(failure);
        }
    }

    private StateDatabase Reopen()
    {
        if (isSuspect)
        {
            StateFileInspection.Run(path);
            isSuspect = false;
        }

        var reopened = StateDatabase.Open(path);
        try
        {
            // Moves what the log holds into the file and syncs that, then begins a new log: a page the failed sync lost would cut off all that is logged after it.
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
        try
        {
            database?.Dispose();
        }
        catch (SqliteException)
        {
            // Closing tidies up; what it could not do, the next opening does.
        }

        database = null;
    }

    private T Under<T>(Func<T> function)
    {
        lock (gate)
        {
            return function();
        }
    }

    private void Under(Action action)
    {
        lock (gate)
        {
            action();
        }
    }
}
