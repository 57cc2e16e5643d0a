using ReliableQueue.Broker;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;
using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>
/// The worker's state over a modelled disk: the journal, the replay rules, the rows and their loading are the real ones, only the file and its thread are not. Tells the
/// history what it was asked to keep.
/// </summary>
internal sealed class DiskState : IWorkerState
{
    private const string Machine = "machine";
    private const string File = "file";

    private readonly StateMemory memory;
    private readonly Journal journal;
    private readonly Process process;
    private readonly History history;
    private readonly IReadOnlyDictionary<QueueName, int> runs;
    private readonly HashSet<MessageId> dropped = [];
    private readonly PlantedBug bug;

    public DiskState(Process process, Disk disk, Chance chance, History history, IReadOnlyDictionary<QueueName, int> runs, PlantedBug bug)
    {
        (this.process, this.history, this.runs, this.bug) = (process, history, runs, bug);
        var loaded = new StateLoader(table => Rows(disk, table), StateRetention.Default, process.Clock.GetUtcNow()).Load(Machine, File);
        disk.Write(loaded.Changes);
        memory = loaded.Memory;
        var writer = new DiskWriter(process, disk, chance, bug);
        journal = writer.Journal = new Journal("worker.db", memory, process.Clock, writer.Wake);
    }

    public string? Fault => journal.Fault;

    public bool IsEmptied(StateScope scope) => memory.Sessions.Earlier(scope).Count == 0 && memory.Records.Unconfirmed(scope).Count == 0;

    public async Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(StateScope scope, SessionId session)
    {
        history.Own(session, runs[scope.Queue]);
        history.Add(What.SessionBegun, runs[scope.Queue]);
        if (bug != PlantedBug.SessionNotRecorded)
        {
            await journal.BeginSessionAsync(scope, session);
        }

        return bug == PlantedBug.EarlierSessionsForgotten ? [] : memory.Sessions.Earlier(scope);
    }

    public Task EndSessionAsync(StateScope scope, SessionId session)
    {
        var write = StateWrite.EndSession(scope, session);
        return journal.WriteAsync(Watched(
            bug == PlantedBug.EndedSessionKept ? new StateWrite(_ => [], write.Apply) : write, () => history.Add(What.SessionEnded, session: session)));
    }

    public long? EpochOf(StateScope scope) => journal.EpochOf(scope);

    public Task NoteEpochAsync(StateScope scope, long epoch) => journal.NoteEpochAsync(scope, epoch);

    public void NoteLastCall(StateScope scope, SessionId session, long number) => journal.NoteLastCall(scope, session, number);

    public async Task RecordAsync(StateScope scope, IReadOnlyList<StateRecord> records)
    {
        if (records.All(Withholds))
        {
            // The mistake: the broker is told first, and the disk when there is time.
            process.After(TimeSpan.FromSeconds(10), () => _ = journal.WriteAsync(WriteOf(scope, [.. records.Where(record => record is not StateRecord.Unsent)])));
            return;
        }

        try
        {
            await journal.WriteAsync(WriteOf(scope, records));
        }
        catch (StateFileException)
        {
            Tell(What.RecordFailed, scope, records);
            throw;
        }
    }

    public void Confirm(StateScope scope, HeldLease lease, SettleResult result)
    {
        if (bug == PlantedBug.StaleRecordDropped && result == SettleResult.Stale)
        {
            dropped.Add(lease.Message);
        }

        journal.Confirm(scope, lease, result);
    }

    public IReadOnlyList<StateRecord> Unconfirmed(StateScope scope) => journal.Unconfirmed(scope);

    public Settlement? Recall(StateScope scope, MessageId message, int generation) =>
        bug == PlantedBug.RecallNotConsulted || dropped.Contains(message) ? null : journal.Recall(scope, message, generation);

    public Task ProbeAsync() => journal.ProbeAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private bool Withholds(StateRecord record) => record switch
    {
        StateRecord.Completion => bug == PlantedBug.CompletionJournalledAfterTheAck,
        StateRecord.Rejection => bug == PlantedBug.RejectionRecordedAfterTheBrokerWasTold,
        _ => bug == PlantedBug.UnsentNotRecorded,
    };

    private StateWrite WriteOf(StateScope scope, IReadOnlyList<StateRecord> records) =>
        Watched(StateWrite.Record(scope, records, process.Clock), () => Tell(What.Recorded, scope, records));

    /// <summary>A write that is told of in the step in which it comes true: its caller may be dead by then.</summary>
    private static StateWrite Watched(StateWrite write, Action tell) => new(
        write.Prepare,
        known =>
        {
            write.Apply(known);
            tell();
        });

    private void Tell(What what, StateScope scope, IReadOnlyList<StateRecord> records)
    {
        foreach (var record in records)
        {
            var detail = record is StateRecord.Completion ? "completed" : record is StateRecord.Rejection ? "rejected" : "unsent";
            history.Add(what, runs[scope.Queue], record.Lease.Message, record.Lease.Token, detail: detail);
        }
    }

    private IReadOnlyList<(long Row, object?[]? Columns)> Rows(Disk disk, StateTable table)
    {
        if (table == StateTable.Identity)
        {
            // Never damaged: a worker that takes its file for a copy is another subject.
            return [(1, [Machine, File])];
        }

        var rows = disk.Read(table).ToList();
        foreach (var (row, columns, _) in rows.Where(each => !each.IsGood))
        {
            TellDropped(table, row, columns);
        }

        var ignoresGood = bug == PlantedBug.DamagedRowDropsTheRest && rows.Exists(each => !each.IsGood);
        return [.. rows.Select(each => (each.Row, each.IsGood && !ignoresGood ? each.Columns : null))];
    }

    /// <summary>What a worker no longer knows cannot be asked of it.</summary>
    private void TellDropped(StateTable table, long row, object?[] columns)
    {
        if (table == StateTable.Sessions)
        {
            history.Add(What.RowDropped, session: new SessionId((long)(columns[2] ?? 0L)));
        }
        else if (table == StateTable.Records && RecordRow.TryRead(row, columns, out var read, out var record))
        {
            history.Add(What.RowDropped, runs[read.Scope.Queue], record.Lease.Message, record.Lease.Token);
        }
    }
}
