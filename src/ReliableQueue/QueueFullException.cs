namespace ReliableQueue;

/// <summary>The broker was full for the whole <c>EnqueueTimeout</c>. Retry when workers have drained it, or give it more room.</summary>
public sealed class QueueFullException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="notEnqueued">Positions of the messages that were not enqueued.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What the broker threw last.</param>
    public QueueFullException(QueueName queue, IReadOnlyList<int> notEnqueued, string message, Exception? innerException = null)
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
