namespace ReliableQueue.Sqlite;

/// <summary>Which line a message stands in. The numbers are stored: they are never reused.</summary>
internal enum MessageState
{
    Ready = 0,

    /// <summary>Ready, but two or more workers in a row were lost with it. A line of its own, so that suspects nobody may take hold up nothing.</summary>
    Suspect = 1,
    Scheduled = 2,
    Leased = 3,
    DeadLettered = 4,
}
