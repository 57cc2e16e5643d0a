using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>
/// The port, its cold half: ids, bytes and pages, for health checks, operators, a dashboard. Nothing of it is on the path of a message, so a call may cost what a page
/// costs; the rules of <see cref="IQueueBroker"/> about threads, bounds, time and exceptions hold here as well. A queue that does not exist is an empty one.
/// </summary>
[Experimental("RQ001")]
public interface IQueueAdmin
{
    /// <summary>Reads the broker's settings and says what would lose messages. Empty: nothing found.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker did not answer.</exception>
    Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Lists the queues there are, by name, a page at a time. One that was used for the first time a moment ago may still be missing.</summary>
    /// <param name="request">Which page.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken);

    /// <summary>Counts the messages of a queue, and says whether it is paused.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken);

    /// <summary>
    /// Reads messages of one state, a page at a time, in the order the broker keeps them: ready by their turn, scheduled by when they are due, leased by when their lease
    /// ends, dead letters from the oldest. A message that stays in that state while the pages are read is read, and only once unless its place in that order changes (a lease that is
    /// renewed meanwhile is read again with its new end); one that comes or goes meanwhile may be missed.
    /// </summary>
    /// <param name="request">Which state, which page.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken);

    /// <summary>Finds one message, in whatever state it is; null when it is not there.</summary>
    /// <param name="request">Which message.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Puts dead letters back to ready: their counts begin anew and their <see cref="LeasedMessage.Generation"/> rises by one. Needs <see cref="BrokerAbilities.Redrive"/>. Safe
    /// to repeat: what was redriven is no dead letter any more.
    /// </summary>
    /// <param name="request">Which dead letters.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes messages, in whatever state they are. What a handler that runs with one of them settles is answered <see cref="SettleResult.Already"/>.</summary>
    /// <param name="request">Which messages.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes messages of one state, a bounded number in each call.</summary>
    /// <param name="request">Which state, and how many at most.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Stops giving out messages of a queue. Leases that are held go on and are settled; enqueuing goes on. Workers hear <see cref="QueueHint.Control"/>. Needs
    /// <see cref="BrokerAbilities.Pause"/>. Pausing again replaces the earlier pause.
    /// </summary>
    /// <param name="request">Which queue, and for how long.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task PauseAsync(PauseRequest request, CancellationToken cancellationToken);

    /// <summary>Gives out messages of a paused queue again. One that is not paused stays as it is. Needs <see cref="BrokerAbilities.Pause"/>.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops waiting; the call may be done all the same.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task ResumeAsync(QueueName queue, CancellationToken cancellationToken);

    /// <summary>Says that a worker handles a queue, for <see cref="ListWorkersAsync"/>. A worker says so once a minute; nothing on the path of a message depends on it.</summary>
    /// <param name="announcement">Who, and for how long it counts.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken);

    /// <summary>Lists the sessions that hold leases of a queue or were announced, at most <see cref="BrokerLimits.BatchSize"/>, those that hold most first.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BrokerException">The broker failed or did not answer.</exception>
    Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken);
}
