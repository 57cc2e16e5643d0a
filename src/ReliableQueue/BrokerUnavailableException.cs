namespace ReliableQueue;

/// <summary>The broker could not be reached for the whole <c>EnqueueTimeout</c>, or refused the call: then the inner exception is a <c>BrokerException</c> that says so, and waiting does not help.</summary>
public sealed class BrokerUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="notEnqueued">Positions of the messages that were not enqueued.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What the broker threw last.</param>
    public BrokerUnavailableException(QueueName queue, IReadOnlyList<int> notEnqueued, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Queue = queue;
        NotEnqueued = notEnqueued;
    }

    /// <summary>The queue.</summary>
    public QueueName Queue { get; }

    /// <summary>Positions, in the order given, of the messages that were certainly not enqueued; the others of the call were. <c>[0]</c> for a single message.</summary>
    public IReadOnlyList<int> NotEnqueued { get; }
}
