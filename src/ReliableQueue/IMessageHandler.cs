namespace ReliableQueue;

/// <summary>Handles messages of one type. Made anew in a scope of its own for every delivery.</summary>
/// <typeparam name="TMessage">The message type, marked with <see cref="MessageTypeAttribute"/>.</typeparam>
public interface IMessageHandler<in TMessage>
{
    /// <summary>
    /// Handles one delivery. Returning acks it; throwing retries it by the queue's policy; throwing <see cref="RejectMessageException"/> dead-letters it at once. It
    /// may run more than once for the same message: make it idempotent, or hand <see cref="MessageContext.FencingToken"/> to what it writes to.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="context">Which delivery this is.</param>
    /// <param name="cancellationToken">
    /// Fires when going on is pointless: the lease was lost, the time limit passed, or the host is out of time to stop (<see cref="MessageContext.CancellationReason"/>).
    /// </param>
    Task HandleAsync(TMessage message, MessageContext context, CancellationToken cancellationToken);
}
