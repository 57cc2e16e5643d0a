using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>What a state file held at the start of a run.</summary>
/// <param name="Memory">What the worker knows.</param>
/// <param name="Changes">What is to be written, and committed, before anything is leased.</param>
/// <param name="Damaged">The rows that failed their checksum, as people should read them. They stay in the file and count for nothing.</param>
/// <param name="IsCopy">
/// Whether the file is a copy of another worker's. What that one rejected and completed is as true here, but its sessions and open settlements are its own: it may be
/// alive, and returning them would take its messages away.
/// </param>
internal sealed record LoadedState(StateMemory Memory, IReadOnlyList<RowChange> Changes, IReadOnlyList<string> Damaged, bool IsCopy);

/// <summary>Reads a state file into memory, at the start of a run.</summary>
/// <param name="table">Gives the rows of a table in order; no columns for a row that fails its checksum.</param>
/// <param name="retention">What is too old to be remembered.</param>
/// <param name="now">The time, by the wall clock.</param>
internal sealed class StateLoader(Func<StateTable, IEnumerable<(long Row, object?[]? Columns)>> table, StateRetention retention, DateTimeOffset now)
{
    private readonly StateMemory memory = new(retention);
    private readonly List<string> damaged = [];
    private readonly List<RowChange> changes = [];
    private bool isCopy;

    /// <param name="machine">The machine this worker runs on.</param>
    /// <param name="file">Which file this is (<see cref="FileIdentity"/>).</param>
    public LoadedState Load(string machine, string file)
    {
        LoadIdentity(machine, file);
        LoadSessions();
        LoadEpochs();
        LoadRecords();
        foreach (var (row, _) in Read(StateTable.Probes))
        {
            changes.Add(new RowChange(StateTable.Probes, row, null));
        }

        return new LoadedState(memory, changes, damaged, isCopy);
    }

    private void LoadIdentity(string machine, string file)
    {
        // The newest row decides. When it is damaged or gone nobody knows whose sessions these are, so they are not ours.
        var rows = table(StateTable.Identity).ToList();
        isCopy = rows is not [.., (_, [string ofMachine, string ofFile])] || ofMachine != machine || ofFile != file;
        foreach (var (row, _) in Good(StateTable.Identity, rows))
        {
            if (isCopy)
            {
                changes.Add(new RowChange(StateTable.Identity, row, null));
            }
        }

        if (isCopy)
        {
            changes.Add(new RowChange(StateTable.Identity, memory.NextRow(StateTable.Identity), [machine, file]));
        }
    }

    private void LoadSessions()
    {
        foreach (var (row, columns) in Read(StateTable.Sessions))
        {
            if (SessionRow.Read(row, columns) is not { } session)
            {
                NoteDamaged(StateTable.Sessions, row);
            }
            else if (isCopy || session.SeenAt < now - retention.OtherAge)
            {
                changes.Add(new RowChange(StateTable.Sessions, row, null));
            }
            else
            {
                memory.Sessions.Put(session);
            }
        }
    }

    private void LoadEpochs()
    {
        foreach (var (row, columns) in Read(StateTable.Epochs))
        {
            if (columns is not [string broker, string queue, long epoch] || StateScope.Of(broker, queue) is not { } scope)
            {
                NoteDamaged(StateTable.Epochs, row);
            }
            else if (isCopy)
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
        var answers = Read(StateTable.Answers).ToDictionary(each => each.Row, each => RecordRow.AnswerOf(each.Columns));
        foreach (var (row, columns) in Read(StateTable.Records))
        {
            if (RecordRow.TryRead(row, columns, out var read, out var record))
            {
                read.Answer = answers.GetValueOrDefault(row);
                Place(read, record);
            }
            else
            {
                NoteDamaged(StateTable.Records, row);
            }
        }
    }

    private void Place(RecordRow row, StateRecord record)
    {
        if (row.At < now - retention.AgeOf(row) || (isCopy && row.IsUnsent))
        {
            changes.Add(new RowChange(StateTable.Records, row.Row, null));
            changes.Add(new RowChange(StateTable.Answers, row.Row, null));
        }
        else if (row.Answer is not null)
        {
            memory.Records.Add(row);
        }
        else if (isCopy)
        {
            row.Answer = SettleResult.Stale;
            memory.Records.Add(row);
            changes.Add(new RowChange(StateTable.Answers, row.Row, RecordRow.ColumnsOf(SettleResult.Stale)));
        }
        else
        {
            memory.Records.AddReplay(row, record);
        }
    }

    private IEnumerable<(long Row, object?[] Columns)> Read(StateTable from) => Good(from, table(from));

    private IEnumerable<(long Row, object?[] Columns)> Good(StateTable from, IEnumerable<(long Row, object?[]? Columns)> rows)
    {
        foreach (var (row, columns) in rows)
        {
            if (columns is null)
            {
                NoteDamaged(from, row);
                continue;
            }

            memory.NoteRow(from, row);
            yield return (row, columns);
        }
    }

    private void NoteDamaged(StateTable at, long row)
    {
        memory.NoteDamaged(at, row);
        damaged.Add($"{at} {row}");
    }
}
