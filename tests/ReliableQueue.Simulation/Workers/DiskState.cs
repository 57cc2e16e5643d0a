using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;
using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>
/// The worker's state over a modelled disk: the memory, the replay rules, the writes and the rows are the real ones, only the file and its writer thread are not. Tells the
/// history what it was asked to keep.
/// </summary>
internal sealed class DiskState : IWorkerState
{
    private readonly StateMemory memory = new(StateRetention.Default);
    private readonly Process process;
    private readonly DiskWriter writer;
    private readonly History history;
    private readonly IReadOnlyDictionary<QueueName, int> runs;
    private readonly HashSet<MessageId> dropped = [];
    private readonly PlantedBug bug;

    public DiskState(Process process, Disk disk, Chance chance, History history, IReadOnlyDictionary<QueueName, int> runs, PlantedBug bug)
    {
        (this.process, this.history, this.runs, this.bug) = (process, history, runs, bug);
        writer = new DiskWriter(process, disk, memory, chance, bug);
        Load(disk);
    }

    public string? Fault => writer.Fault;

    public bool IsEmptied(StateScope scope) => memory.Sessions.Earlier(scope).Count == 0 && memory.Records.Unconfirmed(scope).Count == 0;

    public async Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(StateScope scope, SessionId session)
    {
        history.Own(session, runs[scope.Queue]);
        history.Add(What.SessionBegun, runs[scope.Queue]);
        if (bug != PlantedBug.SessionNotRecorded)
        {
            await writer.WriteAsync(StateWrites.BeginSession(scope, session, process.Clock));
        }

        return bug == PlantedBug.EarlierSessionsForgotten ? [] : memory.Sessions.Earlier(scope);
    }

    public Task EndSessionAsync(StateScope scope, SessionId session)
    {
        var write = StateWrites.EndSession(scope, session);
        return writer.WriteAsync(Watched(
            bug == PlantedBug.EndedSessionKept ? new StateWrite(_ => [], write.Apply) : write, () => history.Add(What.SessionEnded, session: session)));
    }

    public long? EpochOf(StateScope scope) => memory.Sessions.EpochOf(scope)?.Epoch;

    public Task NoteEpochAsync(StateScope scope, long epoch) => writer.WriteAsync(StateWrites.NoteEpoch(scope, epoch));

    public void NoteLastCall(StateScope scope, SessionId session, long number)
    {
        memory.Sessions.NoteLastCall(scope, session, number, process.Clock.GetUtcNow());
        writer.Nudge();
    }

    public async Task RecordAsync(IReadOnlyList<StateRecord> records)
    {
        if (records.All(Withholds))
        {
            // The mistake: the broker is told first, and the disk when there is time.
            process.After(TimeSpan.FromSeconds(10), () => _ = writer.WriteAsync(WriteOf([.. records.Where(record => record is not StateRecord.Unsent)])));
            return;
        }

        try
        {
            await writer.WriteAsync(WriteOf(records));
        }
        catch (StateFileException)
        {
            Tell(What.RecordFailed, records);
            throw;
        }
    }

    public void Confirm(StateScope scope, HeldLease lease, SettleResult result)
    {
        if (bug == PlantedBug.StaleRecordDropped && result == SettleResult.Stale)
        {
            dropped.Add(lease.Message);
        }

        memory.Confirm(scope, lease, result);
        writer.Nudge();
    }

    public IReadOnlyList<StateRecord> Unconfirmed(StateScope scope) => memory.Records.Unconfirmed(scope);

    public RememberedFate? Recall(StateScope scope, MessageId message, int generation) =>
        bug == PlantedBug.RecallNotConsulted || dropped.Contains(message) ? null : memory.Records.Recall(scope, message, generation);

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

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private bool Withholds(StateRecord record) => record switch
    {
        StateRecord.Completion => bug == PlantedBug.CompletionJournalledAfterTheAck,
        StateRecord.Rejection => bug == PlantedBug.RejectionRecordedAfterTheBrokerWasTold,
        _ => bug == PlantedBug.UnsentNotRecorded,
    };

    private StateWrite WriteOf(IReadOnlyList<StateRecord> records) => Watched(StateWrites.Record(records, process.Clock), () => Tell(What.Recorded, records));

    /// <summary>A write that is told of in the step in which it comes true: its caller may be dead by then.</summary>
    private static StateWrite Watched(StateWrite write, Action tell) => new(
        write.Prepare,
        known =>
        {
            write.Apply(known);
            tell();
        });

    private void Tell(What what, IReadOnlyList<StateRecord> records)
    {
        foreach (var record in records)
        {
            var detail = record is StateRecord.Completion ? "completed" : record is StateRecord.Rejection ? "rejected" : "unsent";
            history.Add(what, runs[record.Scope.Queue], record.Lease.Message, record.Lease.Token, detail: detail);
        }
    }

    /// <summary>As the real loader does, without copies: a damaged row stays and counts for nothing.</summary>
    private void Load(Disk disk)
    {
        memory.Later(Rows(disk, StateTable.Probes).Select(each => new RowChange(StateTable.Probes, each.Row, null)).ToList());
        foreach (var (row, columns) in Rows(disk, StateTable.Sessions))
        {
            var scope = new StateScope((string)(columns[0] ?? ""), QueueName.Parse((string)(columns[1] ?? "")));
            memory.Sessions.Put(new RememberedSession(
                row, scope, new SessionId((long)(columns[2] ?? 0L)), (long)(columns[3] ?? 0L), new DateTimeOffset((long)(columns[4] ?? 0L), TimeSpan.Zero), IsEarlier: true));
        }

        foreach (var (row, columns) in Rows(disk, StateTable.Epochs))
        {
            memory.Sessions.PutEpoch(new StateScope((string)(columns[0] ?? ""), QueueName.Parse((string)(columns[1] ?? ""))), row, (long)(columns[2] ?? 0L));
        }

        var standings = Rows(disk, StateTable.Answers).ToDictionary(each => each.Row, each => (RecordStanding)(long)(each.Columns[0] ?? 0L));
        foreach (var (row, columns) in Rows(disk, StateTable.Records))
        {
            if (RecordRow.TryRead(columns, out var record, out var at))
            {
                var remembered = new RememberedRecord(row, RecordRow.KindOf(record), record, at) { Standing = standings.GetValueOrDefault(row) };
                if (remembered.Standing == RecordStanding.Open)
                {
                    memory.Records.AddReplay(remembered, record);
                }
                else
                {
                    memory.Records.Add(remembered);
                }
            }
        }
    }

    private IEnumerable<(long Row, object?[] Columns)> Rows(Disk disk, StateTable table)
    {
        var rows = disk.Read(table);
        var ignoresGood = bug == PlantedBug.DamagedRowDropsTheRest && rows.Any(each => !each.IsGood);
        foreach (var (row, columns, isGood) in rows)
        {
            if (isGood)
            {
                memory.NoteRow(table, row);
            }
            else
            {
                memory.NoteDamaged(table, row);
                TellDropped(table, columns);
            }

            if (isGood && !ignoresGood)
            {
                yield return (row, columns);
            }
        }
    }

    /// <summary>What a worker no longer knows cannot be asked of it.</summary>
    private void TellDropped(StateTable table, object?[] columns)
    {
        if (table == StateTable.Sessions)
        {
            history.Add(What.RowDropped, session: new SessionId((long)(columns[2] ?? 0L)));
        }
        else if (table == StateTable.Records && RecordRow.TryRead(columns, out var record, out _))
        {
            history.Add(What.RowDropped, runs[record.Scope.Queue], record.Lease.Message, record.Lease.Token);
        }
    }
}
