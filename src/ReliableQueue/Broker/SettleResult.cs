namespace ReliableQueue.Broker;

/// <summary>What became of one settlement.</summary>
public enum SettleResult
{
    /// <summary>The message is in the queue under a newer token, or was dead-lettered or settled otherwise: nothing changed.</summary>
    Stale,

    /// <summary>Done now.</summary>
    Settled,

    /// <summary>
    /// Nothing left to do: this very settlement was done before, or the message is gone, or a retry or release came after the lease was reclaimed or returned,
    /// or a dead-letter after the delivery limit did it.
    /// </summary>
    Already,
}
