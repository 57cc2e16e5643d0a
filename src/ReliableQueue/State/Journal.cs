using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>
/// What a worker knows, and what it has still to write. Any thread asks and leaves writes here. Whoever has the file takes what has gathered and commits it in one
/// transaction; what gathers meanwhile goes into the next. One lock, held while memory is read and changed and never while the file is written.
/// </summary>
/// <param name="path">Where the state is, for people.</param>
/// <param name="memory">What is known already. The journal's own from now on.</param>
/// <param name="time">The clock.</param>
/// <param name="wake">Tells who has the file that <see cref="WriteWithin"/> may have become shorter. Called outside the lock, on the thread of a caller.</param>
internal sealed class Journal(string path, StateMemory memory, TimeProvider time, Action wake) : IWorkerState
{
    // What no caller waits for is written when other writes come, or after this: an answer saves a replay, a call number only sharpens the detection of a rollback.
    private static readonly TimeSpan AnswersWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallsWait = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();
    private readonly RoomNeeded room = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<StateWrite> waiting = [];
    private bool isClosed;
    private volatile string? fault;

    /// <inheritdoc/>
    public string? Fault => fault;

    /// <summary>Whether no write is accepted any more. What was accepted before is still to be written.</summary>
    public bool IsClosed
    {
        get
        {
            lock (gate)
            {
                return isClosed;
            }
        }
    }

    /// <summary>How long what has gathered may wait. Zero: a caller waits for it. Infinite: nothing is to be written.</summary>
    public TimeSpan WriteWithin
    {
        get
        {
            lock (gate)
            {
                return waiting.Count > 0 ? TimeSpan.Zero : memory.HasUnwritten ? AnswersWait : memory.Sessions.HasNotedCalls ? CallsWait : Timeout.InfiniteTimeSpan;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(StateScope scope, SessionId session)
    {
        await WriteAsync(StateWrite.BeginSession(scope, session, time));
        lock (gate)
        {
            return memory.Sessions.Earlier(scope);
        }
    }

    /// <inheritdoc/>
    public Task EndSessionAsync(StateScope scope, SessionId session) => WriteAsync(StateWrite.EndSession(scope, session));

    /// <inheritdoc/>
    public long? EpochOf(StateScope scope)
    {
        lock (gate)
        {
            return memory.Sessions.EpochOf(scope)?.Epoch;
        }
    }

    /// <inheritdoc/>
    public Task NoteEpochAsync(StateScope scope, long epoch) => WriteAsync(StateWrite.NoteEpoch(scope, epoch));

    /// <inheritdoc/>
    public void NoteLastCall(StateScope scope, SessionId session, long number) => Note(known => known.Sessions.NoteLastCall(scope, session, number, time.GetUtcNow()));

    /// <inheritdoc/>
    public Task RecordAsync(StateScope scope, IReadOnlyList<StateRecord> records) => WriteAsync(StateWrite.Record(scope, records, time));

    /// <inheritdoc/>
    public void Confirm(StateScope scope, HeldLease lease, SettleResult result) => Note(known => known.Confirm(scope, lease, result));

    /// <inheritdoc/>
    public IReadOnlyList<StateRecord> Unconfirmed(StateScope scope)
    {
        lock (gate)
        {
            return memory.Records.Unconfirmed(scope);
        }
    }

    /// <inheritdoc/>
    public Settlement? Recall(StateScope scope, MessageId message, int generation)
    {
        lock (gate)
        {
            return memory.Records.Recall(scope, message, generation);
        }
    }

    /// <inheritdoc/>
    public async Task ProbeAsync()
    {
        try
        {
            await WriteAsync(StateWrite.Probe(room.Bytes));
        }
        catch (StateFileException)
        {
            // Fault says it.
        }
    }

    /// <summary>Leaves a write for whoever has the file.</summary>
    /// <exception cref="ObjectDisposedException">The journal is closed.</exception>
    public Task WriteAsync(StateWrite write)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            waiting.Add(write);
        }

        wake();
        return write.Task;
    }

    /// <summary>The writes that wait, in the order they came.</summary>
    public IReadOnlyList<StateWrite> Take()
    {
        lock (gate)
        {
            var batch = waiting;
            waiting = [];
            return batch;
        }
    }

    /// <summary>
    /// Commits a batch together with what no caller waits for, and tells its callers: done once it is committed, or failed with all the others. What fails leaves no row
    /// behind; what no caller waits for goes with the next write.
    /// </summary>
    /// <param name="batch">What <see cref="Take"/> gave. Empty: only what no caller waits for.</param>
    /// <param name="commit">Writes rows in one transaction. Not called when there are none. Whatever it throws, none of them counts as written.</param>
    public void Write(IReadOnlyList<StateWrite> batch, Action<IReadOnlyList<RowChange>> commit)
    {
        List<RowChange> unwritten = [];
        List<RowChange> prepared = [];
        try
        {
            lock (gate)
            {
                unwritten.AddRange(memory.TakeUnwritten(time.GetUtcNow()));
                prepared.AddRange(batch.SelectMany(write => write.Prepare(memory)));
            }

            if (unwritten.Count + prepared.Count > 0)
            {
                commit([.. unwritten, .. prepared]);
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, who has the file must outlive it, and every caller must hear of it.
            Fail(batch, unwritten, prepared, StateFileFaults.Of(path, exception));
            return;
        }

        lock (gate)
        {
            foreach (var write in batch)
            {
                write.Apply(memory);
            }

            fault = fault is not null && room.IsShownBy(prepared) ? null : fault;
        }

        foreach (var write in batch)
        {
            write.Complete();
        }
    }

    /// <summary>Whoever has the file has written everything and left it.</summary>
    public void End() => ended.TrySetResult();

    /// <summary>Accepts no more writes; completes when what was accepted is written and the file is left.</summary>
    public ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isClosed = true;
        }

        wake();
        return new ValueTask(ended.Task);
    }

    private void Note(Action<StateMemory> note)
    {
        bool isFirst;
        lock (gate)
        {
            var (hadUnwritten, hadCalls) = (memory.HasUnwritten, memory.Sessions.HasNotedCalls);
            note(memory);
            isFirst = hadUnwritten != memory.HasUnwritten || hadCalls != memory.Sessions.HasNotedCalls;
        }

        if (isFirst)
        {
            wake();
        }
    }

    private void Fail(IReadOnlyList<StateWrite> batch, IReadOnlyList<RowChange> unwritten, IReadOnlyList<RowChange> prepared, StateFileException failure)
    {
        lock (gate)
        {
            memory.Drop(prepared);
            memory.GiveBack(unwritten);
            room.Failed(prepared);
            fault = failure.Message;
        }

        foreach (var write in batch)
        {
            write.Fail(failure);
        }
    }
}

/// <summary>
/// After a write that failed: the least that a write must bring to prove that there is space again, at least as long as the longest row that failed. Rows changed in place,
/// and short ones, can succeed on a full disk. Pure: no file, no clock.
/// </summary>
internal sealed class RoomNeeded
{
    // As large as a few records, and no larger than what may be written again and again to see whether there is room.
    private const int Least = 16 * 1024;
    private const int Most = 1024 * 1024;

    private volatile int bytes = Least;

    /// <summary>From 16 KiB to 1 MiB.</summary>
    public int Bytes => bytes;

    public void Failed(IEnumerable<RowChange> rows) => bytes = Math.Min(Most, rows.Select(row => row.Length).Append(bytes).Max());

    /// <summary>Whether a write that succeeded shows that there is room; if so, the next fault begins anew.</summary>
    public bool IsShownBy(IEnumerable<RowChange> rows)
    {
        if (rows.Sum(row => row.Length) < bytes)
        {
            return false;
        }

        bytes = Least;
        return true;
    }
}
