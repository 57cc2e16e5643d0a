namespace ReliableQueue;

/// <summary>
/// The broker did not answer whether messages were stored: each of <see cref="MessageIds"/> may be enqueued, not enqueued, or be enqueued later. Enqueuing again may
/// store a second message with another id.
/// </summary>
public sealed class EnqueueOutcomeUnknownException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="messageIds">The messages whose outcome is unknown.</param>
    /// <param name="notEnqueued">Positions of the messages that were certainly not enqueued.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What the broker threw last.</param>
    public EnqueueOutcomeUnknownException(
        QueueName queue, IReadOnlyList<MessageId> messageIds, IReadOnlyList<int> notEnqueued, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Queue = queue;
        MessageIds = messageIds;
        NotEnqueued = notEnqueued;
    }

    /// <summary>The queue.</summary>
    public QueueName Queue { get; }

    /// <summary>The messages whose outcome is unknown.</summary>
    public IReadOnlyList<MessageId> MessageIds { get; }

    /// <summary>Positions, in the order given, of the messages that were certainly not enqueued. Empty for a single message.</summary>
    public IReadOnlyList<int> NotEnqueued { get; }
}
