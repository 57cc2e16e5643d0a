using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>How a delivery ends: exactly one of <see cref="Ack"/>, <see cref="Retry"/>, <see cref="Release"/>, <see cref="DeadLetter"/>.</summary>
[Experimental("RQ001")]
public abstract record Settlement
{
    private Settlement()
    {
    }

    /// <summary>Handled: the message is removed. What it carries is stored in the same step, or the ack is not done.</summary>
    public sealed record Ack : Settlement
    {
        /// <summary>An ack that carries nothing.</summary>
        public static Ack Plain { get; } = new();

        /// <summary>What the handler returned, for the broker to keep. Default: null, nothing. Needs <see cref="BrokerAbilities.Results"/>.</summary>
        public ReadOnlyMemory<byte>? Result { get; init; }

        /// <summary>
        /// Messages to enqueue into the same queue, at most <see cref="BrokerLimits.BatchSize"/>. Default: none. Needs <see cref="BrokerAbilities.FollowUps"/>.
        /// </summary>
        public IReadOnlyList<NewMessage> Then { get; init; } = [];

        /// <summary>Whether the ack carries nothing, so that every broker can do it.</summary>
        public bool IsPlain => Result is null && Then.Count == 0;

        /// <summary>The abilities a broker needs for what the ack carries.</summary>
        public BrokerAbilities Needs =>
            (Result is null ? BrokerAbilities.None : BrokerAbilities.Results) | (Then.Count == 0 ? BrokerAbilities.None : BrokerAbilities.FollowUps);
    }

    /// <summary>Failed: deliver again after a delay. The delivery stays counted; the run of worker losses ends.</summary>
    /// <param name="Delay">How long until it is ready, by the broker's clock. Zero: at once.</param>
    /// <param name="Error">Why it failed, for people, at most <see cref="BrokerLimits.RetryErrorLength"/> characters; null when nothing is known.</param>
    public sealed record Retry(TimeSpan Delay, string? Error) : Settlement;

    /// <summary>Not its fault (shutdown, no handler here yet): deliver again, as if this delivery had not been: its count is given back.</summary>
    /// <param name="Delay">How long until it is ready, by the broker's clock. Zero: at once, before messages never delivered.</param>
    public sealed record Release(TimeSpan Delay) : Settlement;

    /// <summary>Never deliver again; keep with its reason.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Error">What a person should read, at most <see cref="BrokerLimits.DeadLetterErrorLength"/> characters; null when the reason says it all.</param>
    public sealed record DeadLetter(DeadLetterReason Reason, string? Error) : Settlement;
}

/// <summary>Why a message is in the dead letters. The numbers are stored: they are never reused.</summary>
public enum DeadLetterReason
{
    /// <summary>Unused, so that a stored zero is seen to be no reason.</summary>
    None = 0,

    /// <summary>Its handler threw <c>RejectMessageException</c>.</summary>
    Rejected = 1,

    /// <summary>It was delivered as often as the queue allows.</summary>
    DeliveryLimit = 2,

    /// <summary>Its envelope or body cannot be read.</summary>
    Unreadable = 3,

    /// <summary>No worker knew its type for as long as the queue parks such messages.</summary>
    UnknownType = 4,
}

/// <summary>Ends deliveries. Safe to repeat: the token of each lease is the stamp.</summary>
/// <param name="Queue">The queue the leases are of.</param>
/// <param name="Settlements">1 to <see cref="BrokerLimits.BatchSize"/> settlements, each of another lease.</param>
[Experimental("RQ001")]
public sealed record SettleRequest(QueueName Queue, IReadOnlyList<LeaseSettlement> Settlements)
{
    /// <summary>The abilities a broker needs for these settlements. A broker that lacks one answers <see cref="BrokerFault.Refused"/> and settles none of them.</summary>
    public BrokerAbilities Needs
    {
        get
        {
            var needs = BrokerAbilities.None;
            for (var index = 0; index < Settlements.Count; index++)
            {
                needs |= Settlements[index].Settlement is Settlement.Ack { IsPlain: false } ack ? ack.Needs : BrokerAbilities.None;
            }

            return needs;
        }
    }
}

/// <summary>One delivery and how it ends.</summary>
/// <param name="Lease">The lease that ends. Its token is what makes settling safe to repeat.</param>
/// <param name="Settlement">How it ends.</param>
[Experimental("RQ001")]
public readonly record struct LeaseSettlement(HeldLease Lease, Settlement Settlement);

/// <summary>The answer to a <see cref="SettleRequest"/>.</summary>
/// <param name="Results">One result per settlement, in the order asked.</param>
[Experimental("RQ001")]
public sealed record SettleReply(IReadOnlyList<SettleResult> Results);

/// <summary>What became of one settlement.</summary>
[Experimental("RQ001")]
public enum SettleResult
{
    /// <summary>The message is in the queue under a newer token, or was dead-lettered or settled otherwise: nothing changed.</summary>
    Stale,

    /// <summary>Done now.</summary>
    Settled,

    /// <summary>
    /// Nothing left to do: this very settlement was done before, or the message is gone, or a retry or release came after the lease was reclaimed or returned,
    /// or a dead-letter after the delivery limit did it.
    /// </summary>
    Already,
}
