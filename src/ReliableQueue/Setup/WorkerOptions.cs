using Microsoft.Extensions.Options;
using ReliableQueue.Setup;

namespace ReliableQueue;

/// <summary>What all queues of one worker share. Bound from <c>ReliableQueue:Worker</c>; what code sets wins. Validated at start.</summary>
public sealed class WorkerOptions
{
    /// <summary>
    /// Whether this process handles messages. Default: true. False runs the same application without its worker, which then touches no state file, leases nothing and
    /// builds no handler; enqueuing works, and health says so. For tests, migrations and processes that only enqueue.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The worker's state file, one per worker instance, on a disk that outlives the process. Default: <c>state/worker.db</c> (<c>state/{name}.db</c> for a named
    /// worker). A relative path counts from the data directory. Losing the file loses no message. The word <c>none</c> runs the worker without a state file: what it holds
    /// when it dies is delivered again only after the visibility timeout instead of at its restart; a rejection that the broker has not answered by then is forgotten, and
    /// the message is handled again; and <see cref="QueueOptions.JournalCompletions"/> is not possible.
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

/// <summary>Checks <see cref="WorkerOptions"/>: the range of every member, then what no range can say.</summary>
internal sealed partial class WorkerOptionsCheck : IValidateOptions<WorkerOptions>
{
    private readonly Ranges ranges = new();

    public ValidateOptionsResult Validate(string? name, WorkerOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();
        faults.AddResult(ranges.Validate(name, options));
        if (options.StateFile is { } path && (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal)))
        {
            faults.AddError($"StateFile ('{path.Replace('\0', '?')}'){OptionsOwner.Of(typeof(WorkerOptions), name)} must be the path of a file, for example state/worker.db.");
        }

        return faults.Build();
    }

    /// <summary>Written by the source generator, so that it can be trimmed.</summary>
    [OptionsValidator]
    private sealed partial class Ranges : IValidateOptions<WorkerOptions>;
}
