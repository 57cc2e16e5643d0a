namespace ReliableQueue;

/// <summary>
/// Handles messages of one type several at a time, as many as the queue's <see cref="BatchOptions"/> say. Made anew in a scope of its own for every batch. A message that was delivered
/// before comes alone, so that one that fails is found and keeps no other from being handled.
/// </summary>
/// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
public interface IBatchHandler<TMessage>
{
    /// <summary>
    /// Handles one batch. Returning acks every message of which nothing else was said (<see cref="BatchItem{TMessage}"/>); throwing ends each of those as if it had been thrown for it
    /// alone: retried, or dead-lettered by <see cref="RejectMessageException"/>. Any of them may come again: make it idempotent.
    /// </summary>
    /// <param name="batch">The messages, at least one, in no order that means anything.</param>
    /// <param name="cancellationToken">
    /// Fires when going on is pointless for all of them: every lease was lost, the time limit passed, or the host is out of time to stop. One lease that was lost shows in
    /// <see cref="MessageContext.IsLeaseValid"/> of its message.
    /// </param>
    Task HandleAsync(IReadOnlyList<BatchItem<TMessage>> batch, CancellationToken cancellationToken);
}
