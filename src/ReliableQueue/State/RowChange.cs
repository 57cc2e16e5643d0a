namespace ReliableQueue.State;

/// <summary>One row to write.</summary>
/// <param name="Table">The table.</param>
/// <param name="Row">The row number.</param>
/// <param name="Columns">What the row shall hold; null: the row goes.</param>
internal sealed record RowChange(StateTable Table, long Row, object?[]? Columns);
