using ReliableQueue.Broker;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Settle;
using ReliableQueue.State;

namespace ReliableQueue.Working.Life;

/// <summary>Everything a worker is built from, put together and validated by Setup before the host starts.</summary>
/// <param name="Name">The name the set was registered under; empty for the unnamed one.</param>
/// <param name="Broker">The broker. Owned by the container, not by the worker.</param>
/// <param name="StateFile">The state file.</param>
/// <param name="DrainTimeout">How long handlers may go on after the worker was told to stop.</param>
/// <param name="Queues">The queues, each once.</param>
internal sealed record WorkerBlueprint(
    string Name, IQueueBroker Broker, StateFileBlueprint StateFile, TimeSpan DrainTimeout, IReadOnlyList<QueueBlueprint> Queues);

/// <summary>One queue a worker handles: what each stage needs of its options, and its handlers, one per wire name.</summary>
internal sealed record QueueBlueprint(LeaseSettings Leasing, SettleSettings Settling, IReadOnlyList<HandlerRegistration> Handlers)
{
    public QueueName Queue => Leasing.Queue;

    /// <summary>What runs around each handler, in order.</summary>
    public IReadOnlyList<MiddlewareStep> Middleware { get; init; } = [];

    /// <summary>The same queue with the middleware of its set around its own.</summary>
    public QueueBlueprint Inside(IReadOnlyList<MiddlewareStep> outer) => this with { Middleware = [.. outer, .. Middleware] };
}

/// <summary>Where a worker keeps its state.</summary>
/// <param name="Path">The full path of the file; <see cref="UnsavedState.Place"/>: the worker keeps none.</param>
/// <param name="Key">The configuration key that sets the path, for people to read.</param>
/// <param name="Wait">How long another process may hold the file before the worker reports unhealthy.</param>
internal sealed record StateFileBlueprint(string Path, string Key, TimeSpan Wait);
