using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>
/// The port, its hot half: a store of queues that enforces leases. Every call takes one record and answers one record, is one atomic step, takes at most
/// <see cref="BrokerLimits.BatchSize"/> items, may be made from any thread, bounds its own time, and throws nothing but <see cref="BrokerException"/> and cancellation
/// (and <see cref="ArgumentException"/> for a request that breaks its own bounds).
/// </summary>
/// <remarks>
/// <para>What makes a broker correct is the contract suite in <c>tests/ReliableQueue.BrokerContract</c>; these are its rules in short.</para>
/// <para>A message is in one state: ready, scheduled, leased or dead-lettered. Only leasing hands it out, and it is counted then. The newest token given out for a
/// message is the only one that can renew or settle it; a late ack or dead-letter by that token is accepted until somebody else is given the message. Leases end
/// and scheduled messages come due by the broker's clock alone.</para>
/// <para>A lease that ends because its time ran out, or because its session was returned, is a worker loss: the message goes back to ready, counted, or to the
/// dead letters when it has been delivered as often as allowed. After two losses in a row it is a suspect.</para>
/// </remarks>
[Experimental("RQ001")]
public interface IQueueBroker : IAsyncDisposable
{
    /// <summary>What the broker says of itself, without a call.</summary>
    BrokerInfo Info { get; }

    /// <summary>The cold half of the port: what checks, counts and operates. It lives as long as the broker.</summary>
    IQueueAdmin Admin { get; }

    /// <summary>Stores messages: all or none.</summary>
    /// <param name="request">The messages and the call's stamp.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer; see <see cref="BrokerException.Fault"/>.</exception>
    Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken);

    /// <summary>Reclaims, promotes and leases.</summary>
    /// <param name="request">How many, for how long, and the call's stamp.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer; repeat the same call to learn what it leased.</exception>
    Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>Ends deliveries. Safe to repeat: the token is the stamp.</summary>
    /// <param name="request">Which deliveries, and how each of them ends.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">
    /// The broker failed or did not answer; repeat the call. <see cref="BrokerFault.Refused"/>: an ack carries something the broker cannot do (<see cref="BrokerAbilities"/>).
    /// </exception>
    Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Takes back messages that a dead session holds, and fences the session: its lease calls answer <see cref="CallStanding.Fenced"/> from now on. Safe to repeat.
    /// </summary>
    /// <param name="request">Which session.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer; repeat the call.</exception>
    Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken);

    /// <summary>Opens a connection for renewals. It connects at its first call.</summary>
    IRenewalConnection OpenRenewalConnection();

    /// <summary>
    /// Calls <paramref name="hint"/> when it is worth looking at a queue. A hint may be early, late, missing or wrong; polling is the truth.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="hint">Called on any thread; it returns at once and throws nothing.</param>
    /// <returns>Dispose it to hear no more.</returns>
    IHintSubscription Listen(QueueName queue, Action<QueueHint> hint);
}

/// <summary>Listens to the hints of a queue until it is disposed.</summary>
[Experimental("RQ001")]
public interface IHintSubscription : IDisposable
{
    /// <summary>
    /// Whether hints are known to arrive: the subscription is confirmed, and its connection stands. A worker whose hints arrive polls less often. It may be true for a while after
    /// they ceased to arrive, so no promise depends on it; false when nothing is known.
    /// </summary>
    bool IsHeard { get; }
}

/// <summary>Why it is worth looking at a queue.</summary>
[Experimental("RQ001")]
public enum QueueHint
{
    /// <summary>The queue may have become non-empty, or has a scheduled message that is due before all others.</summary>
    Ready,

    /// <summary>The queue was paused or resumed: look now.</summary>
    Control,
}
