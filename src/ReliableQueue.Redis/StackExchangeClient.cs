using ReliableQueue.Broker;
using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>
/// One connection through StackExchange.Redis. The only file that calls that library, with members that are alike in its lines 1.2, 2 and 3:
/// docs/decisions/0001-redis-client.md.
/// </summary>
internal sealed class StackExchangeClient
{
    private readonly IConnectionMultiplexer multiplexer;
    private readonly IDatabase database;
    private readonly bool owned;

    private StackExchangeClient(IConnectionMultiplexer multiplexer, ConnectionSettings settings, bool owned)
    {
        this.multiplexer = multiplexer;
        this.owned = owned;
        Settings = settings;
        database = multiplexer.GetDatabase(settings.Database);
    }

    public ConnectionSettings Settings { get; }

    public bool IsConnected => multiplexer.IsConnected;

    /// <summary>What is wrong with a configuration string, or null. Never repeats the string.</summary>
    public static string? FaultOf(string configuration)
    {
        try
        {
            return Parse(configuration).EndPoints.Count > 0 ? null : "it names no server.";
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or OverflowException)
        {
            return "one of its options is not known to the StackExchange.Redis in use, or its value is not allowed.";
        }
    }

    public static ConnectionSettings Describe(string configuration)
    {
        var parsed = Parse(configuration);
        return new ConnectionSettings(
            [.. parsed.EndPoints.Select(RedisEndpoint.From)], parsed.Ssl, parsed.SslHost, UserOf(configuration), parsed.Password, parsed.DefaultDatabase ?? 0);
    }

    public static async Task<StackExchangeClient> OpenAsync(string configuration, ConnectionSettings settings, TimeSpan callTimeout)
    {
        var parsed = Parse(configuration);
        // A server that is away now comes back later, and the library connects then.
        parsed.AbortOnConnectFail = false;
        parsed.SyncTimeout = (int)callTimeout.TotalMilliseconds;
        return new StackExchangeClient(await ConnectionMultiplexer.ConnectAsync(parsed).ConfigureAwait(false), settings, owned: true);
    }

    public static StackExchangeClient Borrow(IConnectionMultiplexer multiplexer, int? database)
    {
        var settings = FaultOf(multiplexer.Configuration) is null
            ? Describe(multiplexer.Configuration)
            : new ConnectionSettings([.. multiplexer.GetEndPoints().Select(RedisEndpoint.From)], false, null, null, "*", 0);
        return new StackExchangeClient(multiplexer, settings with { Database = database ?? settings.Database }, owned: false);
    }

    public bool IsSameConnection(StackExchangeClient other) => ReferenceEquals(multiplexer, other.multiplexer);

    public async Task<byte[][]> EvaluateAsync(RedisScript script, string[] keys, byte[][] arguments)
    {
        var (redisKeys, values) = Convert(keys, arguments);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var result = attempt == 0
                    ? await database.ScriptEvaluateAsync(script.Hash, redisKeys, values).ConfigureAwait(false)
                    : await database.ScriptEvaluateAsync(script.Text, redisKeys, values).ConfigureAwait(false);
                return Flatten(result);
            }
            catch (RedisServerException fault) when (RedisErrors.IsUnknownScript(fault.Message) && attempt < 3)
            {
                // The server was restarted or flushed its scripts, so nothing was done. The library may think so once more before it sends the text.
            }
        }
    }

    /// <summary>The same, blocking. Needs a free pool thread, so it is the renewals' second choice.</summary>
    public byte[][] Evaluate(RedisScript script, string[] keys, byte[][] arguments)
    {
        var (redisKeys, values) = Convert(keys, arguments);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return Flatten(database.ScriptEvaluate(script.Text, redisKeys, values));
            }
            catch (RedisServerException fault) when (RedisErrors.IsUnknownScript(fault.Message) && attempt < 2)
            {
                // As above.
            }
        }
    }

    /// <summary>What a server says of itself: the primary, unless there is only a replica; in a cluster, one of the nodes.</summary>
    public async Task<string> ReadInfoAsync() => (string?)await database.ExecuteAsync("INFO").ConfigureAwait(false) ?? "";

    public Task SubscribeAsync(string channel, Action hint) =>
        multiplexer.GetSubscriber().SubscribeAsync(new RedisChannel(channel, RedisChannel.PatternMode.Literal), (_, _) => hint());

    public Task UnsubscribeAsync(string channel) =>
        multiplexer.GetSubscriber().UnsubscribeAsync(new RedisChannel(channel, RedisChannel.PatternMode.Literal));

    /// <summary>Closes a connection of ours without waiting for what hangs in it; leaves a borrowed one alone.</summary>
    public void Retire()
    {
        if (owned)
        {
            multiplexer.Close(allowCommandsToComplete: false);
            multiplexer.Dispose();
        }
    }

    /// <summary>What is known about a call that ended with this exception; null when it is not the library's.</summary>
    public static BrokerFault? FaultOf(Exception exception) => exception switch
    {
        RedisServerException server => RedisErrors.FaultOf(server.Message),
        RedisConnectionException { FailureType: ConnectionFailureType.UnableToConnect or ConnectionFailureType.UnableToResolvePhysicalConnection }
            => BrokerFault.NotApplied,
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => BrokerFault.Refused,
        RedisException or TimeoutException or ObjectDisposedException => BrokerFault.Unknown,
        _ => null,
    };

    private static ConfigurationOptions Parse(string configuration) => ConfigurationOptions.Parse(configuration);

    private static string? UserOf(string configuration) => configuration.Split(',')
        .Select(option => option.Split('=', 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(option => option.Length == 2 && option[0].Equals("user", StringComparison.OrdinalIgnoreCase))?[1];

    private static (RedisKey[] Keys, RedisValue[] Values) Convert(string[] keys, byte[][] arguments) =>
        (Array.ConvertAll(keys, key => (RedisKey)key), Array.ConvertAll(arguments, argument => (RedisValue)argument));

    private static byte[][] Flatten(RedisResult result) =>
        Array.ConvertAll((RedisResult[]?)result ?? [], item => (byte[]?)item ?? []);
}
