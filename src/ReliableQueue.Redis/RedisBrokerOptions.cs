using ReliableQueue.Redis;
using StackExchange.Redis;

namespace ReliableQueue;

/// <summary>
/// Where the queues are and how to reach them. Exactly one of <see cref="Configuration"/>, <see cref="Connection"/> and <see cref="ConnectionFactory"/> is set.
/// </summary>
public sealed class RedisBrokerOptions
{
    /// <summary>
    /// A StackExchange.Redis configuration string, for example <c>localhost:6379</c> or <c>redis.example:6380,ssl=true,password=…</c>. The broker opens, replaces
    /// and closes this connection itself, which is how it leaves a connection that hangs; prefer this one.
    /// </summary>
    public string? Configuration { get; set; }

    /// <summary>A connection of the application. It is used, never disposed and never replaced: when it hangs, calls fail until the application mends it.</summary>
    public IConnectionMultiplexer? Connection { get; set; }

    /// <summary>
    /// Makes a connection of the application; called at the first call, and again when the connection hangs. What it returns is never disposed by the broker.
    /// </summary>
    public Func<CancellationToken, Task<IConnectionMultiplexer>>? ConnectionFactory { get; set; }

    /// <summary>What every key begins with: 1 to 64 of a–z, 0–9, '.', '_' and '-'. Default: <c>rq</c>. Brokers with different prefixes share nothing.</summary>
    public string Prefix { get; set; } = "rq";

    /// <summary>The number of the database. Default: the one the connection names, else 0. A cluster has only 0.</summary>
    public int? Database { get; set; }

    /// <summary>
    /// Longest wait for the answer to one call. Default: 2 seconds; 50 milliseconds to 1 minute. It must be well under a third of the visibility timeout, because
    /// renewals wait as long.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> FindFaults()
    {
        List<string> faults = [];
        if (new object?[] { Configuration, Connection, ConnectionFactory }.Count(source => source is not null) != 1)
        {
            faults.Add("Exactly one of Configuration, Connection and ConnectionFactory must be set for the Redis broker.");
        }

        if (Configuration is not null && StackExchangeClient.FaultOf(Configuration) is { } fault)
        {
            // The string holds the password, so it is not repeated here.
            faults.Add($"Configuration of the Redis broker cannot be read: {fault}");
        }

        if (!RedisKeys.IsPrefix(Prefix))
        {
            faults.Add($"Prefix '{RedisKeys.Shown(Prefix)}' of the Redis broker must be 1 to 64 characters of a-z, 0-9, '.', '_' and '-'.");
        }

        if (Database < 0)
        {
            faults.Add($"Database ({Database}) of the Redis broker must not be negative.");
        }

        if (CallTimeout < TimeSpan.FromMilliseconds(50) || CallTimeout > TimeSpan.FromMinutes(1))
        {
            faults.Add($"CallTimeout ({CallTimeout}) of the Redis broker must be from 00:00:00.0500000 to 00:01:00.");
        }

        return faults;
    }
}
