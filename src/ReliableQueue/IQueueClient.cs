using ReliableQueue.Broker;

namespace ReliableQueue;

/// <summary>
/// Enqueues messages. Registered by <c>AddReliableQueue</c> and <c>AddReliableWorker</c> as a singleton; safe to use from any thread. Calls made at the same time are
/// sent to the broker together.
/// </summary>
public interface IQueueClient
{
    /// <summary>
    /// Enqueues one message. When the task completes, the broker has stored it. Everything about the message is checked before anything is sent; a broker that does
    /// not answer is tried again for <c>EnqueueTimeout</c>, without ever storing the message twice.
    /// </summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>. It is written as this type, not as the run-time one.</typeparam>
    /// <param name="queue">The queue; it exists from its first message on.</param>
    /// <param name="message">The message.</param>
    /// <param name="options">Headers and delay. Default: neither.</param>
    /// <param name="cancellationToken">
    /// Stops waiting. Before the message is sent it is withdrawn; afterwards it may be enqueued all the same. The text of the exception says which.
    /// </param>
    /// <returns>The id of the message.</returns>
    /// <exception cref="ArgumentException">The queue name, the message type, a header or the delay breaks its rule. Nothing was sent.</exception>
    /// <exception cref="MessageSerializationException">The message cannot be written as JSON. Nothing was sent.</exception>
    /// <exception cref="MessageTooLargeException">The body is larger than <c>MaxBodyBytes</c>. Nothing was sent.</exception>
    /// <exception cref="EnqueueOutcomeUnknownException">The broker did not answer: the message may be enqueued, or may still be.</exception>
    /// <exception cref="QueueFullException">The broker was full for the whole <c>EnqueueTimeout</c>. The message is not enqueued.</exception>
    /// <exception cref="BrokerUnavailableException">
    /// The broker could not be reached for the whole <c>EnqueueTimeout</c>, or refused (the inner <see cref="BrokerException"/> says <see cref="BrokerFault.Refused"/>).
    /// The message is not enqueued.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed, which the container does when the application ends. The message is not enqueued.</exception>
    Task<MessageId> EnqueueAsync<TMessage>(string queue, TMessage message, EnqueueOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Enqueues many messages of one type. All are checked and written before the first is sent, so a bad one enqueues none; after that they travel in calls of at
    /// most 500 messages and 1 MiB, each stored whole or not at all, so an outage may leave some enqueued and some not: the exceptions say which.
    /// </summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="messages">The messages. None: nothing is sent.</param>
    /// <param name="options">Headers and delay that every one of them gets. Default: neither.</param>
    /// <param name="cancellationToken">Stops waiting. What was not yet sent is withdrawn; the rest may be enqueued all the same.</param>
    /// <returns>The ids, in the order of the messages.</returns>
    /// <exception cref="ArgumentException">The queue name, the message type, a header or the delay breaks its rule. Nothing was sent.</exception>
    /// <exception cref="MessageSerializationException">A message cannot be written as JSON. Nothing was sent.</exception>
    /// <exception cref="MessageTooLargeException">A body is larger than <c>MaxBodyBytes</c>. Nothing was sent.</exception>
    /// <exception cref="EnqueueOutcomeUnknownException">The broker did not answer for some of them.</exception>
    /// <exception cref="QueueFullException">The broker was full; some were not enqueued.</exception>
    /// <exception cref="BrokerUnavailableException">The broker could not be reached or refused; some were not enqueued.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed; some were not enqueued.</exception>
    Task<IReadOnlyList<MessageId>> EnqueueManyAsync<TMessage>(
        string queue, IEnumerable<TMessage> messages, EnqueueOptions? options = null, CancellationToken cancellationToken = default);
}
