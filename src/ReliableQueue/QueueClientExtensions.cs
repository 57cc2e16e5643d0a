namespace ReliableQueue;

/// <summary>Enqueues messages whose type names its queue: <c>[MessageType("send-email", Queue = "emails")]</c>.</summary>
public static class QueueClientExtensions
{
    /// <summary>Enqueues one message to the queue that its type names; otherwise as <see cref="IQueueClient.EnqueueAsync{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>, which names a queue.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="message">The message.</param>
    /// <param name="options">Headers and delay. Default: neither.</param>
    /// <param name="cancellationToken">Stops waiting, as there.</param>
    /// <returns>The id of the message.</returns>
    /// <exception cref="ArgumentException">The type names no queue. Nothing was sent. All other exceptions as there.</exception>
    public static Task<MessageId> EnqueueAsync<TMessage>(
        this IQueueClient client, TMessage message, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.EnqueueAsync(NamedBy<TMessage>.OrThrow(), message, options, cancellationToken);
    }

    /// <summary>Enqueues many messages to the queue that their type names; otherwise as <see cref="IQueueClient.EnqueueManyAsync{TMessage}"/>.</summary>
    /// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>, which names a queue.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="messages">The messages. None: nothing is sent.</param>
    /// <param name="options">Headers and delay that every one of them gets. Default: neither.</param>
    /// <param name="cancellationToken">Stops waiting, as there.</param>
    /// <returns>The ids, in the order of the messages.</returns>
    /// <exception cref="ArgumentException">The type names no queue. Nothing was sent. All other exceptions as there.</exception>
    public static Task<IReadOnlyList<MessageId>> EnqueueManyAsync<TMessage>(
        this IQueueClient client, IEnumerable<TMessage> messages, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.EnqueueManyAsync(NamedBy<TMessage>.OrThrow(), messages, options, cancellationToken);
    }

    /// <summary>Read once for each type.</summary>
    private static class NamedBy<TMessage>
    {
        private static readonly string? Queue = MessageTypeAttribute.QueueOf(typeof(TMessage));

        public static string OrThrow() => Queue ?? throw new ArgumentException(MessageTypeAttribute.WithoutQueue(typeof(TMessage)), nameof(TMessage));
    }
}
