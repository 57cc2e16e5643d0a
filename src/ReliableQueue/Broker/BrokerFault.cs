namespace ReliableQueue.Broker;

/// <summary>What is known about a call that failed.</summary>
public enum BrokerFault
{
    /// <summary>It may have been done, not done, or be done later. Repeat the very same call.</summary>
    Unknown,

    /// <summary>It was certainly not done, and waiting helps: no connection, server loading, fail-over, database busy.</summary>
    NotApplied,

    /// <summary>It was certainly not done: the broker is full. Waiting for the queue to drain helps.</summary>
    Full,

    /// <summary>It was certainly not done, and waiting does not help: wrong password, no permission, damaged or foreign data.</summary>
    Refused,
}
