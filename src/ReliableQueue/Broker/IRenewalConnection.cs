namespace ReliableQueue.Broker;

/// <summary>
/// A connection of its own for renewals, called from one thread that must keep running when the thread pool is exhausted: calls block and need no pool thread.
/// </summary>
public interface IRenewalConnection : IDisposable
{
    /// <summary>Extends leases to a whole visibility timeout from now, by the broker's clock. A lease that ran out and was not yet reclaimed is extended too.</summary>
    /// <param name="queue">The queue the leases are of.</param>
    /// <param name="leases">1 to <see cref="BrokerLimits.BatchSize"/> leases.</param>
    /// <param name="visibilityTimeout">How long they last from now.</param>
    /// <returns>One result per lease, in the order asked.</returns>
    /// <exception cref="BrokerException">The broker did not answer. The caller keeps its old deadlines and asks again.</exception>
    IReadOnlyList<RenewResult> Renew(QueueName queue, IReadOnlyList<HeldLease> leases, TimeSpan visibilityTimeout);
}
