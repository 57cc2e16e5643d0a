using System.Text;

namespace ReliableQueue.State;

/// <summary>
/// A table of the state file: a row number, columns, and a checksum over all of them and the table's name. Columns have no declared type and no constraint, so
/// that a damaged value spoils its row and not, through the integrity check, the file.
/// </summary>
internal sealed class StateTable
{
    /// <summary>Whose file this is. The newest row counts.</summary>
    public static readonly StateTable Identity = new("identity", "machine", "file");

    /// <summary>Runs that may still hold something.</summary>
    public static readonly StateTable Sessions = new("sessions", "broker", "queue", "session", "last_call", "seen_at");

    public static readonly StateTable Epochs = new("epochs", "broker", "queue", "epoch");

    /// <summary>Rejections, completions and unsent settlements in one table, because they are replayed in the order recorded.</summary>
    public static readonly StateTable Records = new(
        "records", "kind", "broker", "queue", "message", "session", "fence", "generation", "at", "settlement", "delay", "reason", "error", "type", "deliveries", "payload");

    /// <summary>What the broker answered, by the row number of the record. Apart from the record, so that confirming need not rewrite its payload.</summary>
    public static readonly StateTable Answers = new("answers", "answer");

    /// <summary>Where a probe writes, to see whether there is room.</summary>
    public static readonly StateTable Probes = new("probes", "ballast");

    public StateTable(string name, params string[] columns)
    {
        var list = string.Join(", ", columns);
        Name = name;
        ColumnCount = columns.Length;
        Create = $"CREATE TABLE {name} (row INTEGER PRIMARY KEY, {list}, crc)";
        Select = $"SELECT row, {list}, crc FROM {name} ORDER BY row";
        Put = $"INSERT OR REPLACE INTO {name} VALUES ({string.Join(", ", Enumerable.Repeat('?', columns.Length + 2))})";
        Delete = $"DELETE FROM {name} WHERE row = ?";
    }

    public string Name { get; }

    public int ColumnCount { get; }

    public string Create { get; }

    public string Select { get; }

    public string Put { get; }

    public string Delete { get; }

    public override string ToString() => Name;
}

/// <summary>One row to write.</summary>
/// <param name="Table">The table.</param>
/// <param name="Row">The row number.</param>
/// <param name="Columns">What the row shall hold; null: the row goes.</param>
internal sealed record RowChange(StateTable Table, long Row, object?[]? Columns)
{
    /// <summary>Whether the table had no such row before.</summary>
    public bool IsNew { get; init; }

    /// <summary>How many bytes of text and payload it brings: what makes one row need more room than another.</summary>
    public int Length => Columns?.Sum(column => column switch
    {
        byte[] bytes => bytes.Length,
        string text => Encoding.UTF8.GetByteCount(text),
        _ => 0,
    }) ?? 0;
}
