using Microsoft.Extensions.Options;
using ReliableQueue.Setup;
using ReliableQueue.Sqlite;

namespace ReliableQueue;

/// <summary>Where the embedded broker keeps its queues, and its bounds.</summary>
public sealed class SqliteBrokerOptions
{
    /// <summary>
    /// The file. It is made when missing, readable by its owner alone, in a directory that is made too. Next to it lie <c>-wal</c> and <c>-shm</c>, which
    /// belong to it: copy or delete all three or none. On a local disk; relative paths count from the data directory of the set, and from the current directory when the
    /// broker is made by <see cref="SqliteBroker"/>. The name of the file alone: no connection string, no URI, and not <c>:memory:</c>.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// How long a call waits while another process writes, before it fails as <see cref="Broker.BrokerFault.NotApplied"/>. Default: 5 seconds; 10 ms to 1 minute.
    /// </summary>
    [Between("00:00:00.010", "00:01:00", Of = "the SQLite broker")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Most bytes the file may grow to, without its <c>-wal</c>; null (default): until the disk is full. At the bound enqueues fail as
    /// <see cref="Broker.BrokerFault.Full"/>, while leasing and settling use the last 1 MiB, which is kept for them. At least 4 MiB.
    /// </summary>
    public long? MaxFileSize { get; set; }
}

/// <summary>Checks <see cref="SqliteBrokerOptions"/>: the range of every member, then what no range can say.</summary>
internal sealed partial class SqliteBrokerOptionsCheck : IValidateOptions<SqliteBrokerOptions>
{
    private const long SmallestFile = 4 << 20;

    private readonly Ranges ranges = new();

    public ValidateOptionsResult Validate(string? name, SqliteBrokerOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();
        var owner = "of the SQLite broker" + OptionsOwner.Of(typeof(SqliteBrokerOptions), name);
        if (QueueFileCheck.FaultOf(options.Path) is { } fault)
        {
            faults.AddError($"Path {(string.IsNullOrWhiteSpace(options.Path) ? "" : $"({options.Path}) ")}{owner} {fault}.");
        }

        faults.AddResult(ranges.Validate(name, options));
        if (options.MaxFileSize < SmallestFile)
        {
            faults.AddError($"MaxFileSize ({options.MaxFileSize}) {owner} must be at least {SmallestFile} bytes (4 MiB).");
        }

        return faults.Build();
    }

    /// <summary>Written by the source generator, so that it can be trimmed.</summary>
    [OptionsValidator]
    private sealed partial class Ranges : IValidateOptions<SqliteBrokerOptions>;
}
