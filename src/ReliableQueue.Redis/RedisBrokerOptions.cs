using Microsoft.Extensions.Options;
using ReliableQueue.Redis;
using ReliableQueue.Setup;
using StackExchange.Redis;

namespace ReliableQueue;

/// <summary>
/// Where the queues are and how to reach them. Exactly one of <see cref="Configuration"/>, <see cref="ConfigurationOptions"/>, <see cref="Connection"/> and
/// <see cref="ConnectionFactory"/> is set.
/// </summary>
public sealed class RedisBrokerOptions
{
    /// <summary>
    /// An address, for example <c>redis://user:password@redis.example:6379/0</c> or <c>rediss://</c> for TLS (user and password percent-encoded; several servers separated by
    /// commas; StackExchange.Redis options behind <c>?</c>), or a StackExchange.Redis configuration string, for example <c>localhost:6379</c> or
    /// <c>redis.example:6380,ssl=true,user=worker,password=…</c>. The broker opens and closes this connection itself; prefer this one.
    /// </summary>
    public string? Configuration { get; set; }

    /// <summary>
    /// What a configuration string cannot say: a client certificate, a provider of passwords. The broker opens and closes this connection itself, on a copy made when it starts.
    /// It sets <c>AbortOnConnectFail</c>, <c>BacklogPolicy</c>, <c>ReconnectRetryPolicy</c>, <c>KeepAlive</c> and the timeouts of calls, so that every failed call tells whether it was sent.
    /// </summary>
    public ConfigurationOptions? ConfigurationOptions { get; set; }

    /// <summary>A connection of the application. It is used and never disposed. How soon it leaves a server that hangs is its own configuration's matter.</summary>
    public IConnectionMultiplexer? Connection { get; set; }

    /// <summary>
    /// Makes a connection of the application; called at the first call, and again only while it fails. What it returns is never disposed by the broker.
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
    [Between("00:00:00.050", "00:01:00", Of = "the Redis broker")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Checks <see cref="RedisBrokerOptions"/>: the range of every member, then what no range can say.</summary>
internal sealed partial class RedisBrokerOptionsCheck : IValidateOptions<RedisBrokerOptions>
{
    private readonly Ranges ranges = new();

    public ValidateOptionsResult Validate(string? name, RedisBrokerOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();
        var owner = "the Redis broker" + OptionsOwner.Of(typeof(RedisBrokerOptions), name);
        if (new object?[] { options.Configuration, options.ConfigurationOptions, options.Connection, options.ConnectionFactory }.Count(source => source is not null) != 1)
        {
            faults.AddError($"Exactly one of Configuration, ConfigurationOptions, Connection and ConnectionFactory must be set for {owner}.");
        }

        if (options.Configuration is not null && RedisAddress.FaultOf(options.Configuration) is { } fault)
        {
            // The string holds the password, so it is not repeated here.
            faults.AddError($"Configuration of {owner} cannot be read: {fault}");
        }

        if (options.ConfigurationOptions is { EndPoints.Count: 0 })
        {
            faults.AddError($"ConfigurationOptions of {owner} name no server.");
        }

        if (!RedisKeys.IsPrefix(options.Prefix))
        {
            faults.AddError($"Prefix '{RedisKeys.Shown(options.Prefix)}' of {owner} must be 1 to 64 characters of a-z, 0-9, '.', '_' and '-'.");
        }

        if (options.Database < 0)
        {
            faults.AddError($"Database ({options.Database}) of {owner} must not be negative.");
        }

        faults.AddResult(ranges.Validate(name, options));
        return faults.Build();
    }

    /// <summary>Written by the source generator, so that it can be trimmed.</summary>
    [OptionsValidator]
    private sealed partial class Ranges : IValidateOptions<RedisBrokerOptions>;
}
