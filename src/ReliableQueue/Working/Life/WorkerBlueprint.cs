using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.Working.Life;

/// <summary>Everything a worker is built from, put together and validated by DependencyInjection before the host starts.</summary>
/// <param name="Name">The name the set was registered under; empty for the unnamed one.</param>
/// <param name="Broker">The broker. Owned by the container, not by the worker.</param>
/// <param name="Options">What the queues share.</param>
/// <param name="StateFilePath">The full path of the state file.</param>
/// <param name="Limits">The largest message that is handled.</param>
/// <param name="Queues">The queues, each once.</param>
internal sealed record WorkerBlueprint(
    string Name, IQueueBroker Broker, ReliableWorkerOptions Options, string StateFilePath, MessageLimits Limits, IReadOnlyList<QueueBlueprint> Queues);
