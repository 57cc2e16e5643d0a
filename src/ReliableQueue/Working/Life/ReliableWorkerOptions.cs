using ReliableQueue.Working.Life;

namespace ReliableQueue;

/// <summary>What all queues of one worker share. Bound from the <c>ReliableQueue</c> section; what code sets wins. Validated at start.</summary>
public sealed class ReliableWorkerOptions
{
    /// <summary>
    /// The worker's state file, one per worker instance, on a disk that outlives the process. Default: <c>state/worker.db</c> (<c>state/{name}.db</c> for a named
    /// worker). A relative path counts from the content root. Losing the file loses no message.
    /// </summary>
    public string? StateFile { get; set; }

    /// <summary>
    /// How long another process may hold the state file before this worker reports unhealthy; it goes on waiting. Default: 60 s. 0 to 1 h. A rolling deployment starts
    /// the new process while the old one drains.
    /// </summary>
    [Between("00:00:00", "01:00:00")]
    public TimeSpan StateFileWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long running handlers may go on after the host began to stop. Default: 25 s. 0 to 1 h. Then their tokens fire, and what still does not return is
    /// released. Keep it 5 s below the host's <c>ShutdownTimeout</c> (30 s).
    /// </summary>
    [Between("00:00:00", "01:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);
}
