using ReliableQueue.Broker;

namespace ReliableQueue;

/// <summary>
/// What people do to queues: look at them, put dead letters back, delete, pause. Registered by <c>AddReliableQueue</c> and <c>AddReliableWorker</c> as a singleton, keyed
/// for a named set; safe to use from any thread. It needs no handler and no worker in its process.
/// </summary>
/// <remarks>
/// <para>A queue that does not exist is an empty one. Nothing here leases a message or counts a delivery.</para>
/// <para>A broker that does not answer is asked again for <c>EnqueueTimeout</c>, each page anew; every operation is safe to repeat. After that,
/// and at once when the broker refuses, a <see cref="QueueOperationException"/> says what is known.</para>
/// </remarks>
public interface IQueueOperator
{
    /// <summary>Lists the queues of the broker, by name. A queue is there from its first message, pause or worker on; the names are read page by page as you go.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="QueueOperationException">The broker could not be reached, or refused.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    IAsyncEnumerable<string> ListQueuesAsync(CancellationToken cancellationToken = default);

    /// <summary>Counts the messages of a queue by state, and says whether it is paused.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">The queue name breaks its rule.</exception>
    /// <exception cref="QueueOperationException">The broker could not be reached, or refused.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task<QueueStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the messages of one state, decoded, page by page as you go: ready by their turn, scheduled by when they are due, leased by when their lease ends, dead letters
    /// from the oldest. A message that stays in that state meanwhile is read once; one that comes or goes may be missed. A message that cannot be decoded is read
    /// as well: <see cref="MessageView.UnreadableBecause"/> says why.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">The queue name breaks its rule, or there is no such state.</exception>
    /// <exception cref="QueueOperationException">The broker could not be reached, or refused.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    IAsyncEnumerable<MessageView> BrowseAsync(string queue, MessageState state, CancellationToken cancellationToken = default);

    /// <summary>Finds one message, in whatever state it is.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="id">The message.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The message; null when the queue does not have it: it was handled, deleted, or never there.</returns>
    /// <exception cref="ArgumentException">The queue name breaks its rule.</exception>
    /// <exception cref="QueueOperationException">The broker could not be reached, or refused.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task<MessageView?> FindAsync(string queue, MessageId id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts dead letters back to ready. Their deliveries are counted anew and their <see cref="MessageView.Generation"/> rises by one, so a worker that remembers that it
    /// rejected the message runs it all the same.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="ids">Any number, sent in calls of at most 500; one named twice is redriven once. None: nothing is sent.</param>
    /// <param name="cancellationToken">Stops between two calls; what was redriven stays so.</param>
    /// <returns>How many were redriven, and which were no dead letters.</returns>
    /// <exception cref="ArgumentException">The queue name breaks its rule.</exception>
    /// <exception cref="NotSupportedException">The broker cannot redrive. Nothing was sent.</exception>
    /// <exception cref="QueueOperationException">
    /// The broker could not be reached, or refused; <see cref="QueueOperationException.Done"/> says how many had been redriven.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task<OperationResult> RedriveAsync(string queue, IEnumerable<MessageId> ids, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes messages, in whatever state they are. A handler that runs with one of them is not stopped; what it settles changes nothing any more.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="ids">Any number, sent in calls of at most 500; one named twice is deleted once. None: nothing is sent.</param>
    /// <param name="cancellationToken">Stops between two calls; what was deleted stays so.</param>
    /// <returns>How many were deleted, and which were not there.</returns>
    /// <exception cref="ArgumentException">The queue name breaks its rule.</exception>
    /// <exception cref="QueueOperationException">
    /// The broker could not be reached, or refused; <see cref="QueueOperationException.Done"/> says how many had been deleted.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task<OperationResult> DeleteAsync(string queue, IEnumerable<MessageId> ids, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes all messages of one state, 500 in each call, until none is left; what comes into that state meanwhile is deleted as well. It cannot be undone.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="state">The state.</param>
    /// <param name="progress">Is told after each call how many have been deleted so far. Default: null, nobody.</param>
    /// <param name="cancellationToken">Stops between two calls; what was deleted stays so.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="ArgumentException">The queue name breaks its rule, or there is no such state.</exception>
    /// <exception cref="QueueOperationException">
    /// The broker could not be reached, or refused; <see cref="QueueOperationException.Done"/> says how many had been deleted.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task<long> PurgeAsync(string queue, MessageState state, IProgress<long>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stops giving out the messages of a queue, to every worker. Handlers that run go on and are settled; enqueuing goes on. Pausing again replaces the earlier pause.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="duration">How long, by the broker's clock; then the queue goes on by itself. Default: null, until <see cref="ResumeAsync"/>. More than zero.</param>
    /// <param name="cancellationToken">Stops waiting; the queue may be paused all the same.</param>
    /// <exception cref="ArgumentException">The queue name or the duration breaks its rule.</exception>
    /// <exception cref="NotSupportedException">The broker cannot pause a queue. Nothing was sent.</exception>
    /// <exception cref="QueueOperationException">The broker could not be reached, or refused.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task PauseAsync(string queue, TimeSpan? duration = null, CancellationToken cancellationToken = default);

    /// <summary>Gives out the messages of a paused queue again. One that is not paused stays as it is.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops waiting; the queue may be resumed all the same.</param>
    /// <exception cref="ArgumentException">The queue name breaks its rule.</exception>
    /// <exception cref="NotSupportedException">The broker cannot pause a queue. Nothing was sent.</exception>
    /// <exception cref="QueueOperationException">The broker could not be reached, or refused.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task ResumeAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists the workers of a queue, at most 500, those that hold most first: each that holds messages of it, and each that announced itself within the last three minutes.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">The queue name breaks its rule.</exception>
    /// <exception cref="QueueOperationException">The broker could not be reached, or refused.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task<IReadOnlyList<WorkerView>> ListWorkersAsync(string queue, CancellationToken cancellationToken = default);
}

/// <summary>What became of the messages that were named.</summary>
/// <param name="Done">How many were redriven or deleted.</param>
/// <param name="NotThere">
/// Those of which there was no dead letter (redrive) or no message (delete), in the order given. When the broker did not answer at first, also those that the unanswered
/// call had done already.
/// </param>
public sealed record OperationResult(int Done, IReadOnlyList<MessageId> NotThere);

/// <summary>A worker of a queue, as an operator is shown it.</summary>
/// <param name="Session">The run of the worker, 16 hexadecimal digits: <see cref="MessageView.Holder"/> of the messages it holds.</param>
/// <param name="Name">Its name, host and process; null when it holds messages and has not announced itself for three minutes.</param>
/// <param name="Concurrency">Most messages it handles at once; null as <paramref name="Name"/>.</param>
/// <param name="Held">How many messages it holds.</param>
/// <param name="EarliestLeaseEnd">When the first of their leases ends unless it is renewed, by the broker's clock; null when it holds none.</param>
public sealed record WorkerView(string Session, string? Name, int? Concurrency, int Held, DateTimeOffset? EarliestLeaseEnd);
