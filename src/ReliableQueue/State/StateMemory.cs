using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>
/// All a worker knows from its state file, and which rows the file does not have yet. Pure: no file, no clock, no lock. While a worker runs its <see cref="Journal"/> alone
/// has it, and guards it.
/// </summary>
internal sealed class StateMemory(StateRetention retention)
{
    private const int PrunedPerWrite = 500;

    private readonly Dictionary<(StateTable Table, long Row), RowChange> unwritten = [];
    private readonly Dictionary<StateTable, long> lastRows = [];
    private readonly HashSet<(StateTable Table, long Row)> damaged = [];

    public SessionMemory Sessions { get; } = new();

    public RecordMemory Records { get; } = new(retention);

    /// <summary>Whether an answer of the broker waits to be written.</summary>
    public bool HasUnwritten => unwritten.Count > 0;

    public void Confirm(StateScope scope, HeldLease lease, SettleResult result) => Later(Records.Confirm(scope, lease, result));

    /// <summary>Has rows written with the next write, whenever that is.</summary>
    public void Later(IEnumerable<RowChange> changes)
    {
        foreach (var change in changes)
        {
            unwritten[(change.Table, change.Row)] = change;
        }
    }

    /// <summary>Takes all that should go to disk with the write that is about to begin.</summary>
    public IReadOnlyList<RowChange> TakeUnwritten(DateTimeOffset now)
    {
        Later(Records.Prune(now, PrunedPerWrite));
        Later(Sessions.TakeNotedCalls());
        RowChange[] changes = [.. unwritten.Values];
        unwritten.Clear();
        return changes;
    }

    /// <summary>
    /// Drops the new rows of a failed write: gives their numbers again, and has them removed. A commit that failed in its sync can be in the file all the same, and nobody
    /// else would ever remove what it left.
    /// </summary>
    public void Drop(IReadOnlyList<RowChange> prepared)
    {
        foreach (var change in prepared.Where(change => change.IsNew))
        {
            Later([new RowChange(change.Table, change.Row, null)]);
            lastRows[change.Table] = Math.Min(lastRows.GetValueOrDefault(change.Table), change.Row - 1);
        }
    }

    /// <summary>Puts back what could not be written, unless the row has changed again meanwhile.</summary>
    public void GiveBack(IReadOnlyList<RowChange> changes)
    {
        foreach (var change in changes)
        {
            unwritten.TryAdd((change.Table, change.Row), change);
        }
    }

    public void NoteRow(StateTable table, long row) => lastRows[table] = Math.Max(lastRows.GetValueOrDefault(table), row);

    /// <summary>Notes a row that fails its checksum. No new row takes its place: it is evidence.</summary>
    public void NoteDamaged(StateTable table, long row) => damaged.Add((table, row));

    /// <summary>A row number of the table that is free and higher than that of any good row.</summary>
    public long NextRow(StateTable table)
    {
        var row = lastRows.GetValueOrDefault(table);
        do
        {
            row++;
        }
        while (damaged.Contains((table, row)));

        lastRows[table] = row;
        return row;
    }
}
