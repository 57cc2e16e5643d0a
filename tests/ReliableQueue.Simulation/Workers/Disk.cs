using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>The disk of one worker's machine: rows that a kill leaves alone and a power loss takes away unless they were synced.</summary>
internal sealed class Disk
{
    private SortedDictionary<(string Table, long Row), object?[]> synced = [];
    private SortedDictionary<(string Table, long Row), object?[]> written = [];

    /// <summary>Whether there is room.</summary>
    public bool IsFull { get; set; }

    public void Write(IEnumerable<RowChange> changes)
    {
        foreach (var change in changes)
        {
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

    public IEnumerable<(long Row, object?[] Columns)> Read(StateTable table) =>
        written.Where(each => each.Key.Table == table.Name).Select(each => (each.Key.Row, each.Value)).ToList();
}
