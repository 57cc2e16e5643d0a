using ReliableQueue.Simulation.World;
using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The disk of one worker's machine: rows that a kill leaves alone and a power loss takes away unless they were synced.</summary>
internal sealed class Disk
{
    private SortedDictionary<(string Table, long Row), object?[]> synced = [];
    private SortedDictionary<(string Table, long Row), object?[]> written = [];
    private readonly HashSet<(string Table, long Row)> damaged = [];

    /// <summary>Whether there is room.</summary>
    public bool IsFull { get; set; }

    public void Write(IEnumerable<RowChange> changes)
    {
        foreach (var change in changes)
        {
            damaged.Remove((change.Table.Name, change.Row));
            if (change.Columns is { } columns)
            {
                written[(change.Table.Name, change.Row)] = columns;
            }
            else
            {
                written.Remove((change.Table.Name, change.Row));
            }
        }
    }

    public void Sync() => synced = new(written);

    public void LosePower() => written = new(synced);

    /// <summary>Bits flip in one row, or in every page of the file.</summary>
    public void Damage(Chance chance)
    {
        var rows = written.Keys.ToList();
        if (rows.Count > 0)
        {
            damaged.UnionWith(chance.Hit(0.2) ? rows : [rows[chance.Between(0, rows.Count - 1)]]);
        }
    }

    /// <summary>The rows of a table, each with whether its checksum fits.</summary>
    public IEnumerable<(long Row, object?[] Columns, bool IsGood)> Read(StateTable table) =>
        written.Where(each => each.Key.Table == table.Name).Select(each => (each.Key.Row, each.Value, !damaged.Contains(each.Key))).ToList();
}
