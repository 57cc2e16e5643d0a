using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.Working.Lease;

/// <summary>One leased message on its way through the pipeline, with the lease that permits it. Immutable, except for what changes about the lease.</summary>
internal sealed class Delivery : ILeaseStatus
{
    public Delivery(QueueName queue, LeasedMessage leased, EnvelopeReading reading, LeaseHold hold, bool isStillRunningHere = false)
    {
        var envelope = reading.Envelope;
        (Lease, Hold, Body, StoredForm) = (leased.Lease, hold, envelope.Body, leased.Envelope);
        (Generation, Terms) = (leased.Generation, leased.Terms);
        (IsSuspect, IsStillRunningHere, NotReadBecause, IsNewer) = (leased.WorkerLosses >= 2, isStillRunningHere, reading.Fault, reading.IsNewer);
        Context = new MessageContext
        {
            Id = leased.Lease.Message,
            Queue = queue,
            MessageType = envelope.Type,
            DeliveryCount = leased.DeliveryCount,
            FencingToken = leased.Lease.Token.Fence,
            Headers = envelope.Headers,

            // An envelope that was not read does not say when it was enqueued; the id does, nearly.
            EnqueuedAt = NotReadBecause is null ? envelope.EnqueuedAt : leased.Lease.Message.CreatedAt,
            Lease = this,
        };
    }

    /// <summary>What the handler is shown of the delivery; the worker reads it as well.</summary>
    public MessageContext Context { get; }

    public HeldLease Lease { get; }

    public MessageId Id => Lease.Message;

    /// <summary>The lease as this worker sees it: until when it holds, and the token of the handler.</summary>
    public LeaseHold Hold { get; }

    /// <summary>How often the message was redriven. What this worker remembers of a message it remembers by id and generation, so a redriven one runs again.</summary>
    public int Generation { get; }

    /// <summary>Two or more workers in a row were lost with it: this worker handles at most one such message at a time.</summary>
    public bool IsSuspect { get; }

    /// <summary>What the message was enqueued with; null: none.</summary>
    public MessageTerms? Terms { get; }

    /// <summary>Whether an earlier delivery of this message still runs in this process, its token ignored.</summary>
    public bool IsStillRunningHere { get; }

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The stored form, for the state file to keep when the message is rejected.</summary>
    public ReadOnlyMemory<byte> StoredForm { get; }

    /// <summary>Why the envelope was not read; null when it was.</summary>
    public string? NotReadBecause { get; }

    /// <summary>Whether only a newer version of this library can read the envelope.</summary>
    public bool IsNewer { get; }

    public bool IsLeaseValid => Hold.IsValid;

    public CancellationReason CancellationReason => Hold.CancellationReason;
}
