namespace ReliableQueue.Producing;

/// <summary>How waiting for an enqueue call ended.</summary>
internal enum EnqueueVerdict
{
    /// <summary>Stored.</summary>
    Enqueued,

    /// <summary>At least one attempt may have been applied, now or later.</summary>
    Unknown,

    /// <summary>Certainly not stored: the broker was full.</summary>
    Full,

    /// <summary>Certainly not stored: the broker could not be reached, or the message was still waiting behind calls that were not answered.</summary>
    Unavailable,

    /// <summary>Certainly not stored, and waiting does not help.</summary>
    Refused,

    /// <summary>Certainly not stored: the client was disposed first.</summary>
    Disposed,
}
