using ReliableQueue.Broker;

namespace ReliableQueue.Redis.Tests.Calls;

/// <summary>How a call ends that does not end well.</summary>
/// <param name="Name">What the tests call it.</param>
/// <param name="Fault">What is known about the call then.</param>
/// <param name="Error">What the server answers instead of doing it; null when the connection fails.</param>
internal sealed record CallEnd(string Name, BrokerFault Fault, string? Error = null)
{
    public static IReadOnlyList<CallEnd> All { get; } =
    [
        new("time-out, not executed", BrokerFault.Unknown),
        new("time-out, executed", BrokerFault.Unknown) { IsExecuted = true },
        new("reset, not executed", BrokerFault.Unknown) { IsReset = true },
        new("reset, executed", BrokerFault.Unknown) { IsReset = true, IsExecuted = true },
        Refusal("LOADING Redis is loading the dataset in memory", BrokerFault.NotApplied),
        Refusal("READONLY You can't write against a read only replica.", BrokerFault.NotApplied),
        Refusal("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", BrokerFault.NotApplied),
        Refusal("CLUSTERDOWN The cluster is down", BrokerFault.NotApplied),
        Refusal("TRYAGAIN Multiple keys request during rehashing of slot", BrokerFault.NotApplied),
        Refusal("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", BrokerFault.NotApplied),
        Refusal("NOREPLICAS Not enough good replicas to write.", BrokerFault.NotApplied),
        Refusal("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.", BrokerFault.NotApplied),
        Refusal("NOSCRIPT No matching script. Please use EVAL.", BrokerFault.NotApplied),
        Refusal("MOVED 1 127.0.0.1:{port}", BrokerFault.NotApplied),
        Refusal("ASK 1 127.0.0.1:{port}", BrokerFault.NotApplied),
        Refusal("ERR max number of clients reached", BrokerFault.NotApplied),
        Refusal("OOM command not allowed when used memory > 'maxmemory'.", BrokerFault.Full),
        Refusal("NOPERM this user has no permissions to run the 'evalsha' command", BrokerFault.Refused),
        Refusal("NOAUTH Authentication required.", BrokerFault.Refused),
        Refusal("WRONGTYPE Operation against a key holding the wrong kind of value", BrokerFault.Refused),
    ];

    public static CallEnd Named(string name) => All.Single(end => end.Name == name);

    /// <summary>The server did it, only its answer is lost.</summary>
    public bool IsExecuted { get; init; }

    /// <summary>Both sides learn at once that the connection is gone; else nobody does.</summary>
    public bool IsReset { get; init; }

    private static CallEnd Refusal(string error, BrokerFault fault) => 
        new(error.StartsWith("ERR ", StringComparison.Ordinal) ? error : error.Split(' ')[0], fault, error);
}
