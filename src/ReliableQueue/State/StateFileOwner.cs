namespace ReliableQueue.State;

/// <summary>The process that holds the state file.</summary>
/// <param name="Path">The full path of the state file.</param>
/// <param name="Host">Its host; null when the lock file does not say, as in the moment of starting.</param>
/// <param name="ProcessId">Its process id; null when the lock file does not say.</param>
internal sealed record StateFileOwner(string Path, string? Host, int? ProcessId)
{
    public override string ToString() => Host is null ? "an unknown process" : $"process {ProcessId} on host '{Host}'";
}
