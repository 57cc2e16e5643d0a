namespace ReliableQueue.Sqlite;

/// <summary>How the newest token of a message ended. The numbers are stored: they are never reused. An ack is not here: it leaves nothing.</summary>
internal enum SettledAs
{
    /// <summary>It has not: the lease runs, or was reclaimed or returned, and a late ack by it is welcome.</summary>
    Not = 0,
    Retry = 1,
    Release = 2,
    DeadLetter = 3,
}
