namespace ReliableQueue.State;

/// <summary>Which kind of <see cref="StateRecord"/> a row is. The numbers are stored: they are never reused.</summary>
internal enum RecordKind
{
    None = 0,
    Rejection = 1,
    Completion = 2,
    Unsent = 3,
}
