namespace ReliableQueue.Broker;

/// <summary>
/// The port: a store of queues that enforces leases. Every method is one atomic step, takes at most <see cref="BrokerLimits.BatchSize"/> items, may be called
/// from any thread, bounds its own time, and throws nothing but <see cref="BrokerException"/> and cancellation.
/// </summary>
/// <remarks>
/// <para>What makes a broker correct is the contract suite in <c>tests/ReliableQueue.BrokerContract</c>; these are its rules in short.</para>
/// <para>A message is in one state: ready, scheduled, leased or dead-lettered. Only leasing hands it out, and it is counted then. The newest token given out for a
/// message is the only one that can renew or settle it; a late ack or dead-letter by that token is accepted until somebody else is given the message. Leases end
/// and scheduled messages come due by the broker's clock alone.</para>
/// <para>A lease that ends because its time ran out, or because its session was returned, is a worker loss: the message goes back to ready, counted, or to the
/// dead letters when it has been delivered as often as allowed. After two losses in a row it is a suspect.</para>
/// </remarks>
public interface IQueueBroker : IAsyncDisposable
{
    /// <summary>Names the store, without credentials, the same for every process that uses it: the worker's state file files its records under it.</summary>
    string Identity { get; }

    /// <summary>The dead letters.</summary>
    IDeadLetterStore DeadLetters { get; }

    /// <summary>Reads the broker's settings and says what would lose messages. Empty: nothing found.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker did not answer.</exception>
    Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Stores messages as ready: all or none.</summary>
    /// <param name="queue">The queue; it exists from its first message on.</param>
    /// <param name="request">The messages and the call's stamp.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer; see <see cref="BrokerException.Fault"/>.</exception>
    Task<CallAnswer> EnqueueAsync(QueueName queue, EnqueueRequest request, CancellationToken cancellationToken);

    /// <summary>Reclaims, promotes and leases.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="request">How many, for how long, and the call's stamp.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer; repeat the same call to learn what it leased.</exception>
    Task<LeaseReply> LeaseAsync(QueueName queue, LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>Ends deliveries. Safe to repeat: the token is the stamp.</summary>
    /// <param name="queue">The queue the leases are of.</param>
    /// <param name="requests">1 to <see cref="BrokerLimits.BatchSize"/> settlements, each of another lease.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <returns>One result per settlement, in the order asked.</returns>
    /// <exception cref="BrokerException">The broker failed or did not answer; repeat the call.</exception>
    Task<IReadOnlyList<SettleResult>> SettleAsync(QueueName queue, IReadOnlyList<SettleRequest> requests, CancellationToken cancellationToken);

    /// <summary>
    /// Takes back up to <see cref="BrokerLimits.BatchSize"/> of the messages a dead session holds, as worker losses, and fences the session: its lease calls answer
    /// <see cref="CallStanding.Fenced"/> from now on. Safe to repeat.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="session">The session that is known to be over.</param>
    /// <param name="maxDeliveries">A message delivered this often is dead-lettered instead.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer; repeat the call.</exception>
    Task<ReturnReply> ReturnSessionAsync(QueueName queue, SessionId session, int maxDeliveries, CancellationToken cancellationToken);

    /// <summary>Opens a connection for renewals. It connects at its first call.</summary>
    IRenewalConnection OpenRenewalConnection();

    /// <summary>Counts the messages of a queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken);

    /// <summary>
    /// Calls <paramref name="hint"/> when a queue may have become non-empty. A hint may be early, late, missing or wrong; polling is the truth.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="hint">Called on any thread; it returns at once and throws nothing.</param>
    /// <returns>Dispose it to hear no more.</returns>
    IDisposable Listen(QueueName queue, Action hint);
}
