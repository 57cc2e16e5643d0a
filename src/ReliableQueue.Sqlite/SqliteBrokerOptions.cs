namespace ReliableQueue;

/// <summary>Where the embedded broker keeps its queues, and its bounds.</summary>
public sealed class SqliteBrokerOptions
{
    /// <summary>
    /// The file. It is made when missing, readable by its owner alone, in a directory that is made too. Beside it live <c>-wal</c> and <c>-shm</c>, which
    /// belong to it: copy or delete all three or none. On a local disk; relative paths count from the current directory.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// How long a call waits while another process writes, before it fails as <see cref="Broker.BrokerFault.NotApplied"/>. Default: 5 seconds; 10 ms to 1 minute.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Most bytes the file may grow to, without its <c>-wal</c>; null (default): until the disk is full. At the bound enqueues fail as
    /// <see cref="Broker.BrokerFault.Full"/>, while leasing and settling use the last 1 MiB, which is kept for them. At least 4 MiB.
    /// </summary>
    public long? MaxFileSize { get; set; }

    /// <summary>Every fault of these options, each as a sentence; empty when there is none.</summary>
    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Path))
        {
            yield return "Path of the SQLite broker must name a file.";
        }

        if (CallTimeout < TimeSpan.FromMilliseconds(10) || CallTimeout > TimeSpan.FromMinutes(1))
        {
            yield return $"CallTimeout ({CallTimeout}) of the SQLite broker must be 10 ms to 1 minute.";
        }

        if (MaxFileSize < 4 << 20)
        {
            yield return $"MaxFileSize ({MaxFileSize}) of the SQLite broker must be at least {4 << 20} bytes (4 MiB).";
        }
    }
}
