using ReliableQueue.State;

namespace ReliableQueue.Hosting;

/// <summary>How a worker comes by its state: in an application from its file, in a test from memory.</summary>
/// <param name="Path">Where the state is, for people to read.</param>
/// <param name="Inspect">Refuses a file that cannot be used, before the host starts. Throws <see cref="StateFileException"/>.</param>
/// <param name="OpenAsync">Waits until no other process holds the file, telling each time it looks who does, and opens it.</param>
internal sealed record StateOpening(string Path, Action Inspect, Func<Action<string>, CancellationToken, Task<IWorkerState>> OpenAsync);
