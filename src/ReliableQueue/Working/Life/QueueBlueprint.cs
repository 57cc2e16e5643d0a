using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Settle;

namespace ReliableQueue.Working.Life;

/// <summary>One queue a worker handles: what each stage needs of its options, and its handlers, one per wire name.</summary>
internal sealed record QueueBlueprint(LeaseSettings Leasing, SettleSettings Settling, IReadOnlyList<HandlerRegistration> Handlers)
{
    public QueueName Queue => Leasing.Queue;

    /// <summary>What runs around each handler, in order.</summary>
    public IReadOnlyList<MiddlewareStep> Middleware { get; init; } = [];

    /// <summary>The same queue with the middleware of its set around its own.</summary>
    public QueueBlueprint Inside(IReadOnlyList<MiddlewareStep> outer) => this with { Middleware = [.. outer, .. Middleware] };
}
