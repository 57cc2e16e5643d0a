namespace ReliableQueue.TestKit;

/// <summary>What runs one server of a test: a process of this machine, or a container.</summary>
internal interface IRedisHost : IAsyncDisposable
{
    /// <summary>Where the server keeps its files; they outlive a kill.</summary>
    string Folder { get; }

    /// <summary>Why the server will not answer any more; null while it may.</summary>
    string? Fault { get; }

    /// <summary>Starts the server, or starts it again with the same files.</summary>
    Task StartAsync();

    /// <summary>Sends a signal to the server: KILL, TERM, STOP or CONT. Returns after the server ended, where the signal ends it.</summary>
    Task SignalAsync(string signal);
}
