using ReliableQueue.Working.Lease;

namespace ReliableQueue;

/// <summary>Which delivery of which message a handler is called for.</summary>
public sealed class MessageContext
{
    private readonly Delivery delivery;

    internal MessageContext(Delivery delivery) => this.delivery = delivery;

    /// <summary>The id of the message: the same at every delivery, so it serves as an idempotency key.</summary>
    public MessageId Id => delivery.Id;

    /// <summary>The queue it was leased from.</summary>
    public QueueName Queue => delivery.Queue;

    /// <summary>Deliveries so far, this one included: 1 the first time. Counted when leased, so a delivery that killed its worker counts.</summary>
    public int DeliveryCount => delivery.DeliveryCount;

    /// <summary>When the producer enqueued it, by the producer's clock.</summary>
    public DateTimeOffset EnqueuedAt => delivery.Envelope.EnqueuedAt;

    /// <summary>The headers it was enqueued with. Names are case-sensitive.</summary>
    public IReadOnlyDictionary<string, string> Headers => delivery.Envelope.Headers;

    /// <summary>
    /// Rises with every delivery of the queue. A store that keeps the highest value it has seen for this message and refuses lower ones is safe from a handler that
    /// slept through the loss of its lease.
    /// </summary>
    public long FencingToken => delivery.Lease.Token.Fence;

    /// <summary>Whether the lease surely still holds, computed from the clock at each read. False once it may have been given to another worker.</summary>
    public bool IsLeaseValid => delivery.IsLeaseValid;

    /// <summary>Why the handler's token fired; <see cref="ReliableQueue.CancellationReason.None"/> while it has not.</summary>
    public CancellationReason CancellationReason => delivery.CancellationReason;
}
