using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;

namespace ReliableQueue.State;

/// <summary>The worker's state file: one SQLite file, one owner, one writer thread. Reads are answered from memory.</summary>
internal sealed class StateFile : IWorkerState
{
    private const int DamagedRowsShown = 10;

    private static readonly TimeSpan OwnerPoll = TimeSpan.FromMilliseconds(250);

    private readonly OwnerLock ownerLock;
    private readonly StateWriter writer;
    private readonly StateMemory memory;
    private readonly Lock gate;
    private readonly TimeProvider time;

    private StateFile(OwnerLock ownerLock, StateWriter writer, StateMemory memory, Lock gate, TimeProvider time) =>
        (this.ownerLock, this.writer, this.memory, this.gate, this.time) = (ownerLock, writer, memory, gate, time);

    /// <inheritdoc/>
    public string? Fault => writer.Fault;

    /// <summary>How many rows failed their checksum when the file was opened.</summary>
    public int DamagedRows { get; private init; }

    /// <summary>What it answers from, for a test to look into.</summary>
    internal StateMemory Memory => memory;

    /// <summary>How many transactions were committed since; a test counts how many records share one.</summary>
    internal long Commits => writer.Commits;

    /// <summary>A test's way to make a write fail: called at the start of each transaction, on the writer thread.</summary>
    internal Action<SqliteConnection>? OnTransaction
    {
        set => writer.OnTransaction = value;
    }

    /// <summary>Says at host start what would make opening fail. Makes the directory and the lock file, changes nothing else, waits for nobody.</summary>
    /// <exception cref="StateFileException">The file cannot be used; the text says why and what to do.</exception>
    public static void Inspect(string path) => StateFileInspection.Run(Path.GetFullPath(path));

    /// <summary>Waits until no other process owns the file, then opens it and reads what it holds.</summary>
    /// <param name="path">The file; it and its directory are made when missing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of damaged rows and of a copied file.</param>
    /// <param name="onWaiting">Called when another process is found to own the file, and again when the owner changes.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="StateFileException">The file cannot be used.</exception>
    public static async Task<StateFile> OpenAsync(
        string path, TimeProvider time, ILogger logger, Action<StateFileOwner> onWaiting, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        StateFileInspection.Run(path);
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

            await Task.Delay(OwnerPoll, time, cancellationToken);
        }

        try
        {
            return Open(path, ownerLock, StateRetention.Default, time, logger);
        }
        catch (Exception exception)
        {
            ownerLock.Dispose();
            throw StateFileFaults.Of(path, exception);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(StateScope scope, SessionId session)
    {
        await writer.WriteAsync(StateWrites.BeginSession(scope, session, time));
        lock (gate)
        {
            return memory.Sessions.Earlier(scope);
        }
    }

    /// <inheritdoc/>
    public Task EndSessionAsync(StateScope scope, SessionId session) => writer.WriteAsync(StateWrites.EndSession(scope, session));

    /// <inheritdoc/>
    public long? EpochOf(StateScope scope)
    {
        lock (gate)
        {
            return memory.Sessions.EpochOf(scope)?.Epoch;
        }
    }

    /// <inheritdoc/>
    public Task NoteEpochAsync(StateScope scope, long epoch) => writer.WriteAsync(StateWrites.NoteEpoch(scope, epoch));

    /// <inheritdoc/>
    public void NoteLastCall(StateScope scope, SessionId session, long number)
    {
        bool isFirst;
        var now = time.GetUtcNow();
        lock (gate)
        {
            var before = memory.Sessions.HasNotedCalls;
            memory.Sessions.NoteLastCall(scope, session, number, now);
            isFirst = !before && memory.Sessions.HasNotedCalls;
        }

        if (isFirst)
        {
            writer.Nudge();
        }
    }

    /// <inheritdoc/>
    public Task RecordAsync(IReadOnlyList<StateRecord> records) => writer.WriteAsync(StateWrites.Record(records, time));

    /// <inheritdoc/>
    public void Confirm(StateScope scope, HeldLease lease, SettleResult result)
    {
        bool isFirst;
        lock (gate)
        {
            var before = memory.HasUnwritten;
            memory.Confirm(scope, lease, result);
            isFirst = !before && memory.HasUnwritten;
        }

        if (isFirst)
        {
            writer.Nudge();
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<StateRecord> Unconfirmed(StateScope scope)
    {
        lock (gate)
        {
            return memory.Records.Unconfirmed(scope);
        }
    }

    /// <inheritdoc/>
    public RememberedFate? Recall(StateScope scope, MessageId message, int generation)
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
            await writer.WriteAsync(StateWrites.Probe(writer.RoomNeeded));
        }
        catch (StateFileException)
        {
            // Fault says it.
        }
    }

    /// <summary>Writes what waits, closes the file and lets the next owner in.</summary>
    public async ValueTask DisposeAsync()
    {
        writer.Stop();
        await writer.Ended;
        ownerLock.Dispose();
    }

    private static StateFile Open(string path, OwnerLock ownerLock, StateRetention retention, TimeProvider time, ILogger logger)
    {
        // Again: while we waited for the owner, the file may have become another.
        StateFileInspection.Run(path);
        var database = StateDatabase.Open(path);
        try
        {
            var (machine, file) = (FileIdentity.Machine(), FileIdentity.Of(path) ?? string.Empty);
            StateSchema.EnsureCreated(database, machine, file);
            var memory = new StateMemory(retention);
            var loader = new StateLoader(database, memory, retention, time.GetUtcNow());
            database.WriteAll(loader.Load(machine, file));
            if (loader.Damaged.Count > 0)
            {
                logger.DamagedStateRows(path, loader.Damaged.Count, string.Join(", ", loader.Damaged.Take(DamagedRowsShown)));
            }

            if (loader.IsCopy)
            {
                logger.CopiedStateFile(path);
            }

            if (FilePrivacy.FaultOf(path) is { } exposed)
            {
                logger.ExposedStateFile(path, exposed);
            }

            var gate = new Lock();
            return new StateFile(ownerLock, new StateWriter(path, database, memory, gate, time), memory, gate, time) { DamagedRows = loader.Damaged.Count };
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
