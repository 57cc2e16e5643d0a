using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>
/// One stamped call that leases up to <paramref name="MaxMessages"/> messages. Before it leases, it reclaims leases that ran out and promotes scheduled
/// messages that are due (at most <see cref="BrokerLimits.BatchSize"/> of each).
/// </summary>
/// <param name="Queue">The queue.</param>
/// <param name="Call">
/// What makes it safe to repeat: the same number returns the same leases, as far as their tokens still hold, lasting a whole visibility timeout from now, and
/// reclaims and promotes nothing.
/// </param>
/// <param name="MaxMessages">At most this many, 0 to <see cref="BrokerLimits.BatchSize"/>. 0 only reclaims and promotes.</param>
/// <param name="VisibilityTimeout">How long the leases last, by the broker's clock.</param>
/// <param name="MaxDeliveries">A message reclaimed after this many deliveries is dead-lettered (<see cref="DeadLetterReason.DeliveryLimit"/>) instead.</param>
[Experimental("RQ001")]
public sealed record LeaseRequest(QueueName Queue, CallStamp Call, int MaxMessages, TimeSpan VisibilityTimeout, int MaxDeliveries)
{
    /// <summary>How many of them may be suspects (<see cref="LeasedMessage.WorkerLosses"/> of 2 or more): 0 or 1. Default: 1.</summary>
    public int MaxSuspects { get; init; } = 1;

    /// <summary>Stop once the envelopes leased add up to this many bytes; the message that reaches it is still given. Default: no bound.</summary>
    public int MaxBytes { get; init; } = int.MaxValue;
}

/// <summary>The answer to a <see cref="LeaseRequest"/>.</summary>
/// <param name="Answer">What was done with the call.</param>
/// <param name="Messages">The messages leased, redelivered ones first.</param>
/// <param name="Reclaimed">How many messages whose lease ran out went back to ready in this call.</param>
/// <param name="DeadLettered">How many messages whose lease ran out were dead-lettered at the delivery limit in this call.</param>
/// <param name="NextDue">
/// How long until another call can find something, by the broker's clock: the earliest of the next due time of a scheduled message, the end of the first lease that anybody
/// holds (its worker may be gone), and the end of a pause. Null when more is ready now, or nothing is stored that time alone would bring. A worker that was given nothing may
/// sleep until then, or until a hint comes. Zero without a message: ask again at once, the broker has only cleared away what stood in front.
/// </param>
[Experimental("RQ001")]
public sealed record LeaseReply(
    CallAnswer Answer, IReadOnlyList<LeasedMessage> Messages, int Reclaimed, int DeadLettered, TimeSpan? NextDue);

/// <summary>A message with the lease just given out for it.</summary>
/// <param name="Lease">Names the lease in renewals and settlements.</param>
/// <param name="Envelope">The stored form, byte for byte as enqueued.</param>
/// <param name="DeliveryCount">Leases so far, this one included: 1 the first time. Counted now, so a worker that dies has used one up.</param>
/// <param name="WorkerLosses">How many of its last deliveries in a row ended because the worker was lost. 2 or more make the message a suspect.</param>
[Experimental("RQ001")]
public readonly record struct LeasedMessage(HeldLease Lease, ReadOnlyMemory<byte> Envelope, int DeliveryCount, int WorkerLosses)
{
    /// <summary>
    /// How often an operator redrove the message, counted by the broker: 0 before the first time. What a worker remembers of a message it remembers by id and generation,
    /// so a message that was redriven runs again.
    /// </summary>
    public int Generation { get; init; }

    /// <summary>What the message was enqueued with (<see cref="NewMessage.Terms"/>); null: none.</summary>
    public MessageTerms? Terms { get; init; }
}

/// <summary>Names one lease to the broker: which message, by which token.</summary>
/// <param name="Message">The leased message.</param>
/// <param name="Token">The token the lease came with.</param>
[Experimental("RQ001")]
public readonly record struct HeldLease(MessageId Message, LeaseToken Token);

/// <summary>The fencing value of one lease. Every renewal and settlement presents it; when it is not the newest given out for the message, nothing changes.</summary>
/// <param name="Session">The run that was given the lease.</param>
/// <param name="Fence">Rises with every lease of a queue, so a store that remembers the highest it has seen can refuse a late writer.</param>
[Experimental("RQ001")]
public readonly record struct LeaseToken(SessionId Session, long Fence)
{
    /// <summary>How many bytes <see cref="WriteTo"/> writes: 16.</summary>
    public const int ByteLength = 16;

    /// <summary>Reads a token from the bytes <see cref="WriteTo"/> wrote.</summary>
    /// <param name="bytes">At least 16 bytes: session, then fence, big-endian.</param>
    public static LeaseToken Read(ReadOnlySpan<byte> bytes) =>
        new(new SessionId(BinaryPrimitives.ReadInt64BigEndian(bytes)), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]));

    /// <summary>Writes session, then fence, big-endian.</summary>
    /// <param name="destination">At least 16 bytes.</param>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, Session.Value);
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], Fence);
    }
}
