using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;

namespace ReliableQueue.Testing;

/// <summary>One message as <see cref="QueueRules"/> keeps it. Times are ticks of the broker's clock.</summary>
[Experimental("RQ001")]
public sealed class QueuedMessage
{
    internal QueuedMessage(NewMessage message, long place) => (Id, Envelope, Terms, Place) = (message.Id, message.Envelope, message.Terms, place);

    /// <summary>The message.</summary>
    public MessageId Id { get; }

    /// <summary>The stored form, byte for byte as enqueued.</summary>
    public ReadOnlyMemory<byte> Envelope { get; }

    /// <summary>What it was enqueued with; null: none.</summary>
    public MessageTerms? Terms { get; }

    /// <summary>Its turn: the lowest of those that are ready is leased first.</summary>
    public long Place { get; set; }

    /// <summary>When it is due; 0 when it never waited.</summary>
    public long DueAt { get; set; }

    /// <summary>When its lease ends; of no meaning unless <see cref="IsLeased"/>.</summary>
    public long LeaseEndsAt { get; set; }

    /// <summary>Whether a worker holds it.</summary>
    public bool IsLeased { get; set; }

    /// <summary>Whether it is dead-lettered.</summary>
    public bool IsDead { get; set; }

    /// <summary>Whether it has been acked or deleted. <see cref="QueueRules"/> forgets such a message unless a subclass keeps it.</summary>
    public bool IsGone { get; set; }

    /// <summary>How its newest delivery was settled; null while it is not, and after the loss of its worker.</summary>
    public Settlement? SettledBy { get; set; }

    /// <summary>The token of its newest lease.</summary>
    public LeaseToken Token { get; set; }

    /// <summary>Leases so far, since it was enqueued or last redriven.</summary>
    public int Deliveries { get; set; }

    /// <summary>How many of its last deliveries in a row ended because the worker was lost.</summary>
    public int Losses { get; set; }

    /// <summary>How often it was redriven.</summary>
    public int Generation { get; set; }

    /// <summary>Why it was dead-lettered; null unless it was.</summary>
    public DeadLetterReason? Reason { get; set; }

    /// <summary>Why its last delivery failed, or what a person should read about a dead letter.</summary>
    public string? Error { get; set; }

    /// <summary>When it was dead-lettered; 0 unless it was.</summary>
    public long DeadLetteredAt { get; set; }

    /// <summary>Whether it can still be handled: neither gone nor dead-lettered.</summary>
    public bool IsLive => !IsGone && !IsDead;

    /// <summary>Whether a lease may be given out for it now.</summary>
    /// <param name="now">The broker's clock.</param>
    public bool IsReady(long now) => IsLive && !IsLeased && DueAt <= now;

    /// <summary>Whether it waits until it is due.</summary>
    /// <param name="now">The broker's clock.</param>
    public bool IsScheduled(long now) => IsLive && !IsLeased && DueAt > now;

    internal MessageState StateAt(long now) =>
        IsDead ? MessageState.DeadLettered : IsLeased ? MessageState.Leased : IsReady(now) ? MessageState.Ready : MessageState.Scheduled;

    internal StoredMessage View(long now)
    {
        var state = StateAt(now);
        return new StoredMessage(Id, Envelope, state, Deliveries)
        {
            WorkerLosses = Losses,
            Generation = Generation,
            Terms = Terms,
            DueAt = state == MessageState.Scheduled ? Instant(DueAt) : null,
            LeasedBy = IsLeased ? Token.Session : null,
            LeaseEndsAt = IsLeased ? Instant(LeaseEndsAt) : null,
            DeadLetterReason = Reason,
            Error = Error,
            DeadLetteredAt = IsDead ? Instant(DeadLetteredAt) : null,
        };
    }

    internal QueuedMessage Copy() => (QueuedMessage)MemberwiseClone();

    private static DateTimeOffset Instant(long ticks) => new(ticks, TimeSpan.Zero);
}
