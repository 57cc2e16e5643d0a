namespace ReliableQueue;

/// <summary>The rest of the chain: the next middleware, or the handler after the last.</summary>
/// <param name="cancellationToken">The token the rest is given: the one that came in, or one linked to it.</param>
public delegate Task DeliveryNext(CancellationToken cancellationToken);

/// <summary>
/// Runs around the handler of every delivery, inside the delivery's service scope and after the body was read: for a tenant, a culture, a logging scope, a transaction.
/// Registered for a whole set by <c>Use</c> on the builder, or for one queue by <see cref="QueueOptions.Use{TMiddleware}"/>; called in the order of registration, those of the set first.
/// </summary>
public interface IDeliveryMiddleware
{
    /// <summary>
    /// Handles one delivery by calling <paramref name="proceed"/>, once. What comes out is the outcome of the delivery, as it is for a handler: an exception that is not let through is an ack,
    /// <see cref="RejectMessageException"/> is a dead letter, any other exception is a retry, and returning without calling <paramref name="proceed"/> is an ack.
    /// </summary>
    /// <param name="context">Which delivery this is.</param>
    /// <param name="proceed">The rest of the chain.</param>
    /// <param name="cancellationToken">Fires when going on is pointless (<see cref="MessageContext.CancellationReason"/>).</param>
    Task InvokeAsync(MessageContext context, DeliveryNext proceed, CancellationToken cancellationToken);
}
