using System.Text;

namespace ReliableQueue.State;

/// <summary>One row to write.</summary>
/// <param name="Table">The table.</param>
/// <param name="Row">The row number.</param>
/// <param name="Columns">What the row shall hold; null: the row goes.</param>
internal sealed record RowChange(StateTable Table, long Row, object?[]? Columns)
{
    /// <summary>How many bytes of text and payload it brings: what makes one row need more room than another.</summary>
    public int Length => Columns?.Sum(column => column switch
    {
        byte[] bytes => bytes.Length,
        string text => Encoding.UTF8.GetByteCount(text),
        _ => 0,
    }) ?? 0;
}
