namespace ReliableQueue.Broker;

/// <summary>The broker failed or did not answer. <see cref="Fault"/> says what is known about the call.</summary>
public sealed class BrokerException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="fault">What is known about the call.</param>
    /// <param name="message">What failed, on which queue and endpoint. Never credentials or payload.</param>
    /// <param name="innerException">What the client library threw, when it did.</param>
    public BrokerException(BrokerFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>What is known about the call.</summary>
    public BrokerFault Fault { get; }
}

/// <summary>What is known about a call that failed.</summary>
public enum BrokerFault
{
    /// <summary>It may have been done, not done, or be done later. Repeat the very same call.</summary>
    Unknown,

    /// <summary>It was certainly not done, and waiting helps: no connection, server loading, fail-over, database busy.</summary>
    NotApplied,

    /// <summary>It was certainly not done: the broker is full. Waiting for the queue to drain helps.</summary>
    Full,

    /// <summary>
    /// It was certainly not done, and waiting does not help: wrong password, no permission, damaged or foreign data, or something asked for that this broker cannot do
    /// (<see cref="BrokerAbilities"/>).
    /// </summary>
    Refused,
}
