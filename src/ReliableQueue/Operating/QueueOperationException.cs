using ReliableQueue.Broker;

namespace ReliableQueue;

/// <summary>
/// An operation of <see cref="IQueueOperator"/> was not finished: the broker could not be reached for the whole <c>EnqueueTimeout</c>, or refused. The inner exception is the
/// <see cref="BrokerException"/> of the last call. Repeating the operation does no harm.
/// </summary>
public sealed class QueueOperationException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="queue">The queue; null for an operation on all of them.</param>
    /// <param name="fault">What is known about the last call.</param>
    /// <param name="done">How many messages had been changed before it.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What the broker threw last.</param>
    public QueueOperationException(QueueName? queue, BrokerFault fault, long done, string message, Exception? innerException = null)
        : base(message, innerException) => (Queue, Fault, Done) = (queue, fault, done);

    /// <summary>The queue; null for an operation on all of them.</summary>
    public QueueName? Queue { get; }

    /// <summary>
    /// What is known about the last call. <see cref="BrokerFault.Unknown"/>: it may have been done, or be done later. <see cref="BrokerFault.Refused"/>: waiting does not help.
    /// Any other: it was certainly not done.
    /// </summary>
    public BrokerFault Fault { get; }

    /// <summary>How many messages the calls before the last one redrove or deleted. 0 for an operation that changes none.</summary>
    public long Done { get; }
}
