using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

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
