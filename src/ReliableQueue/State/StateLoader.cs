using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>Reads a state file into memory, at the start of a run.</summary>
internal sealed class StateLoader(StateDatabase database, StateMemory memory, StateRetention retention, DateTimeOffset now)
{
    private readonly Dictionary<long, RecordStanding> standings = [];
    private readonly List<string> damaged = [];
    private readonly List<RowChange> changes = [];

    /// <summary>The rows that failed their checksum, as people should read them. They stay in the file and count for nothing.</summary>
    public IReadOnlyList<string> Damaged => damaged;

    /// <summary>
    /// Whether the file is a copy of another worker's. What that one rejected and completed is as true here, but its sessions and open settlements are its own:
    /// it may be alive, and returning them would take its messages away.
    /// </summary>
    public bool IsCopy { get; private set; }

    /// <summary>Reads everything. What it returns is to be written, and committed, before anything is leased.</summary>
    public IReadOnlyList<RowChange> Load(string machine, string file)
    {
        LoadIdentity(machine, file);
        LoadSessions();
        LoadEpochs();
        foreach (var (row, columns) in Read(StateTable.Answers))
        {
            if (columns is [long standing and ((long)RecordStanding.Settled or (long)RecordStanding.Stale)])
            {
                standings[row] = (RecordStanding)standing;
            }
        }

        LoadRecords();
        foreach (var (row, _) in Read(StateTable.Probes))
        {
            changes.Add(new RowChange(StateTable.Probes, row, null));
        }

        return changes;
    }

    private void LoadIdentity(string machine, string file)
    {
        // The newest row decides. When it is damaged or gone nobody knows whose sessions these are, so they are not ours.
        var newest = database.Read(StateTable.Identity).LastOrDefault().Columns;
        IsCopy = newest is not [string ofMachine, string ofFile] || ofMachine != machine || ofFile != file;

        var rows = Read(StateTable.Identity).Select(each => each.Row).ToList();
        if (IsCopy)
        {
            changes.AddRange(rows.Select(row => new RowChange(StateTable.Identity, row, null)));
            changes.Add(new RowChange(StateTable.Identity, memory.NextRow(StateTable.Identity), [machine, file]));
        }
    }

    private void LoadSessions()
    {
        foreach (var (row, columns) in Read(StateTable.Sessions))
        {
            if (columns is not [string broker, string queue, long session, long lastCall, long seenAt]
                || !TryScope(broker, queue, out var scope) || !TryTime(seenAt, out var seen))
            {
                NoteDamaged(StateTable.Sessions, row);
            }
            else if (IsCopy || seen < now - retention.OtherAge)
            {
                changes.Add(new RowChange(StateTable.Sessions, row, null));
            }
            else
            {
                memory.Sessions.Put(new RememberedSession(row, scope, new SessionId(session), lastCall, seen, IsEarlier: true));
            }
        }
    }

    private void LoadEpochs()
    {
        foreach (var (row, columns) in Read(StateTable.Epochs))
        {
            if (columns is not [string broker, string queue, long epoch] || !TryScope(broker, queue, out var scope))
            {
                NoteDamaged(StateTable.Epochs, row);
            }
            else if (IsCopy)
            {
                changes.Add(new RowChange(StateTable.Epochs, row, null));
            }
            else
            {
                memory.Sessions.PutEpoch(scope, row, epoch);
            }
        }
    }

    private void LoadRecords()
    {
        foreach (var (row, columns) in Read(StateTable.Records))
        {
            if (!RecordRow.TryRead(columns, out var record, out var at))
            {
                NoteDamaged(StateTable.Records, row);
                continue;
            }

            var remembered = new RememberedRecord(row, RecordRow.KindOf(record), record, at) { Standing = standings.GetValueOrDefault(row) };
            Place(remembered, record);
        }
    }

    private void Place(RememberedRecord remembered, StateRecord record)
    {
        var isUnsent = remembered.Kind == RecordKind.Unsent;
        if (remembered.At < now - retention.AgeOf(remembered.Kind) || (IsCopy && isUnsent))
        {
            changes.Add(new RowChange(StateTable.Records, remembered.Row, null));
            changes.Add(new RowChange(StateTable.Answers, remembered.Row, null));
        }
        else if (remembered.Standing != RecordStanding.Open)
        {
            memory.Records.Add(remembered);
        }
        else if (IsCopy)
        {
            remembered.Standing = RecordStanding.Stale;
            memory.Records.Add(remembered);
            changes.Add(new RowChange(StateTable.Answers, remembered.Row, [(long)RecordStanding.Stale]));
        }
        else
        {
            memory.Records.AddReplay(remembered, record);
        }
    }

    /// <summary>The good rows of a table.</summary>
    private IEnumerable<(long Row, object?[] Columns)> Read(StateTable table)
    {
        foreach (var (row, columns) in database.Read(table))
        {
            if (columns is null)
            {
                NoteDamaged(table, row);
                continue;
            }

            memory.NoteRow(table, row);
            yield return (row, columns);
        }
    }

    private void NoteDamaged(StateTable table, long row)
    {
        memory.NoteDamaged(table, row);
        damaged.Add($"{table} {row}");
    }

    private static bool TryScope(string broker, string queue, [NotNullWhen(true)] out StateScope? scope)
    {
        scope = QueueName.FaultOf(queue) is null ? new StateScope(broker, QueueName.Parse(queue)) : null;
        return scope is not null;
    }

    private static bool TryTime(long ticks, out DateTimeOffset time)
    {
        var isTime = ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks;
        time = isTime ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
        return isTime;
    }
}
