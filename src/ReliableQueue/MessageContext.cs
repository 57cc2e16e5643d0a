using System.Collections.ObjectModel;

namespace ReliableQueue;

/// <summary>
/// Which delivery of which message a handler is called for. A worker makes one for each delivery; a unit test makes its own and sets what the handler under test reads:
/// <c>new MessageContext { DeliveryCount = 3 }</c>.
/// </summary>
public sealed class MessageContext
{
    private static readonly QueueName NoQueue = QueueName.Parse("unnamed");

    /// <summary>The id of the message: the same at every delivery, so it serves as an idempotency key. Default, in a test: an id of zeros.</summary>
    public MessageId Id { get; init; }

    /// <summary>The queue it was leased from. Default, in a test: <c>unnamed</c>.</summary>
    public QueueName Queue { get; init; } = NoQueue;

    /// <summary>The name of its type on the wire (<see cref="MessageTypeAttribute"/>). Default, in a test: empty.</summary>
    public string MessageType { get; init; } = "";

    /// <summary>Deliveries so far, this one included: 1 the first time. Counted when leased, so a delivery that killed its worker counts. Default, in a test: 1.</summary>
    public int DeliveryCount { get; init; } = 1;

    /// <summary>When the producer enqueued it, by the producer's clock. Default, in a test: the year 1.</summary>
    public DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>The headers it was enqueued with. Names are case-sensitive. Default, in a test: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// Rises with every delivery of the queue. A store that keeps the highest value it has seen for this message and refuses lower ones is safe from a handler that
    /// slept through the loss of its lease. Default, in a test: 1.
    /// </summary>
    public long FencingToken { get; init; } = 1;

    /// <summary>Whether the lease surely still holds, computed from the clock at each read. False once it may have been given to another worker.</summary>
    public bool IsLeaseValid => Lease?.IsLeaseValid ?? LeaseCheck();

    /// <summary>Why the handler's token fired; <see cref="ReliableQueue.CancellationReason.None"/> while it has not.</summary>
    public CancellationReason CancellationReason => Lease?.CancellationReason ?? ReasonCheck();

    /// <summary>For a test: what <see cref="IsLeaseValid"/> asks at each read. Default: a lease that holds. In a worker the lease itself is asked.</summary>
    public Func<bool> LeaseCheck { get; init; } = static () => true;

    /// <summary>For a test: what <see cref="CancellationReason"/> asks at each read. Default: the token has not fired. In a worker the lease itself is asked.</summary>
    public Func<CancellationReason> ReasonCheck { get; init; } = static () => CancellationReason.None;

    /// <summary>The lease of a real delivery; null in a test.</summary>
    internal ILeaseStatus? Lease { get; init; }
}

/// <summary>What a handler is shown of the lease it works under: both change while it runs.</summary>
internal interface ILeaseStatus
{
    bool IsLeaseValid { get; }

    CancellationReason CancellationReason { get; }
}
