using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>
/// A connection of its own for renewals, called from one thread that must keep running when the thread pool is exhausted: calls block and need no pool thread.
/// </summary>
[Experimental("RQ001")]
public interface IRenewalConnection : IDisposable
{
    /// <summary>Extends leases to a whole visibility timeout from now, by the broker's clock. A lease that ran out and was not yet reclaimed is extended too.</summary>
    /// <param name="request">Which leases, and for how long.</param>
    /// <exception cref="BrokerException">The broker did not answer. The caller keeps its old deadlines and asks again.</exception>
    RenewReply Renew(RenewRequest request);
}

/// <summary>One call that extends leases.</summary>
/// <param name="Queue">The queue the leases are of.</param>
/// <param name="Leases">1 to <see cref="BrokerLimits.BatchSize"/> leases.</param>
/// <param name="VisibilityTimeout">How long they last from now.</param>
[Experimental("RQ001")]
public sealed record RenewRequest(QueueName Queue, IReadOnlyList<HeldLease> Leases, TimeSpan VisibilityTimeout);

/// <summary>The answer to a <see cref="RenewRequest"/>.</summary>
/// <param name="Results">One result per lease, in the order asked.</param>
[Experimental("RQ001")]
public sealed record RenewReply(IReadOnlyList<RenewResult> Results);

/// <summary>What became of one lease in a renewal.</summary>
[Experimental("RQ001")]
public enum RenewResult
{
    /// <summary>The token no longer holds: the lease was reclaimed, settled or returned. Nothing changed.</summary>
    Lost,

    /// <summary>The lease now lasts a whole visibility timeout from the moment the broker handled the call.</summary>
    Renewed,
}
