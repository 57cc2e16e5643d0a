using ReliableQueue.Broker;

namespace ReliableQueue.Working.Life;

/// <summary>Everything a worker is built from, put together and validated by Setup before the host starts.</summary>
/// <param name="Name">The name the set was registered under; empty for the unnamed one.</param>
/// <param name="Broker">The broker. Owned by the container, not by the worker.</param>
/// <param name="StateFilePath">The full path of the state file.</param>
/// <param name="StateFileWait">How long another process may hold the state file before the worker reports unhealthy.</param>
/// <param name="DrainTimeout">How long handlers may go on after the worker was told to stop.</param>
/// <param name="Queues">The queues, each once.</param>
internal sealed record WorkerBlueprint(
    string Name, IQueueBroker Broker, string StateFilePath, TimeSpan StateFileWait, TimeSpan DrainTimeout, IReadOnlyList<QueueBlueprint> Queues);
