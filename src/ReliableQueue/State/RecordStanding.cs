namespace ReliableQueue.State;

/// <summary>What the broker has answered to a record. The numbers are stored: they are never reused.</summary>
internal enum RecordStanding
{
    /// <summary>Nothing yet: replayed at the next start. Stored as no row at all.</summary>
    Open = 0,

    /// <summary>The broker knows.</summary>
    Settled = 1,

    /// <summary>Somebody else has been given the message; it may come back here and must then be known.</summary>
    Stale = 2,
}
