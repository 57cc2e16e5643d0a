using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.Working.Lease;

/// <summary>One leased message on its way through the pipeline, with the lease that permits it.</summary>
internal sealed class Delivery(QueueName queue, LeasedMessage leased, EnvelopeReading reading, LeaseHold hold) : ILeaseStatus
{
    public QueueName Queue { get; } = queue;

    public HeldLease Lease { get; } = leased.Lease;

    public MessageId Id => Lease.Message;

    public int DeliveryCount { get; } = leased.DeliveryCount;

    /// <summary>How often the message was redriven. What this worker remembers of a message it remembers by id and generation, so a redriven one runs again.</summary>
    public int Generation { get; } = leased.Generation;

    /// <summary>Two or more workers in a row were lost with it: this worker handles at most one such message at a time.</summary>
    public bool IsSuspect { get; } = leased.WorkerLosses >= 2;

    /// <summary>What the message was enqueued with; null: none.</summary>
    public MessageTerms? Terms { get; } = leased.Terms;

    /// <summary>The stored form, for the state file to keep when the message is rejected.</summary>
    public ReadOnlyMemory<byte> StoredForm { get; } = leased.Envelope;

    public Envelope Envelope { get; } = reading.Envelope;

    /// <summary>Why the envelope was not read; null when it was.</summary>
    public string? Fault { get; } = reading.Fault;

    /// <summary>Whether only a newer version of this library can read the envelope.</summary>
    public bool IsNewer { get; } = reading.IsNewer;

    /// <summary>When the message was enqueued, by the producer's clock. An envelope that was not read does not say; the id does, nearly.</summary>
    public DateTimeOffset EnqueuedAt => Fault is null ? Envelope.EnqueuedAt : Id.CreatedAt;

    /// <summary>The lease as this worker sees it: until when it holds, and the token of the handler.</summary>
    public LeaseHold Hold { get; } = hold;

    /// <summary>Whether an earlier delivery of this message still runs in this process, its token ignored.</summary>
    public bool IsStillRunningHere { get; set; }

    /// <summary>Whether its settlement is in the state file: then the broker's answer to it is noted there too.</summary>
    public bool IsSettlementRecorded { get; set; }

    /// <summary>The span the handler ran in, the parent of the settlement's span; default while nobody listens.</summary>
    public ActivityContext TraceContext { get; set; }

    public bool IsLeaseValid => Hold.IsValid;

    public CancellationReason CancellationReason => Hold.CancellationReason;
}
