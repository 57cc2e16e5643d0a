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
