namespace ReliableQueue.Soak;

/// <summary>What a line of the producer's history says of a message.</summary>
internal enum HistoryWord
{
    /// <summary>It is about to be enqueued.</summary>
    Attempt,

    /// <summary>The broker has it.</summary>
    Enqueued,

    /// <summary>The broker may have it.</summary>
    Unknown,

    /// <summary>The broker certainly does not have it.</summary>
    Refused,

    /// <summary>Enqueuing failed in a way that is not promised.</summary>
    Broken,
}
