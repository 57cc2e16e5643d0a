using System.Net;
using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>Who can be reached of those that may hold a key.</summary>
internal enum Reach
{
    /// <summary>No server at all.</summary>
    Nobody,

    /// <summary>Nodes of a cluster, and not the one that holds the key as far as the client knows.</summary>
    Others,

    /// <summary>The server that holds the key.</summary>
    Home,
}

/// <summary>One multiplexer of StackExchange.Redis for the life of the broker: opened here, or the application's own. It connects again by itself.</summary>
internal sealed class RedisConnection
{
    private readonly IConnectionMultiplexer multiplexer;
    private readonly IDatabase database;

    private RedisConnection(IConnectionMultiplexer multiplexer, RedisAddress? address, int database, bool isOwned)
    {
        this.multiplexer = multiplexer;
        this.database = multiplexer.GetDatabase(database);
        Address = address;
        Database = database;
        IsOwned = isOwned;
        Text = address?.Text ?? string.Join(',', multiplexer.GetEndPoints(configuredOnly: true).Select(RedisAddress.TextOf));
    }

    /// <summary>How to reach the same servers by a socket; null when a connection of the application does not tell.</summary>
    public RedisAddress? Address { get; }

    public int Database { get; }

    public bool IsOwned { get; }

    /// <summary>The servers, for messages to people.</summary>
    public string Text { get; }

    public bool IsConnected => multiplexer.IsConnected;

    public static async Task<RedisConnection> OpenAsync(RedisAddress address, int database) =>
        new(await ConnectionMultiplexer.ConnectAsync(address.Options).ConfigureAwait(false), address, database, isOwned: true);

    public static RedisConnection Borrow(IConnectionMultiplexer multiplexer, int? database)
    {
        var address = RedisAddress.FaultOf(multiplexer.Configuration) is null ? RedisAddress.Parse(multiplexer.Configuration) : null;
        return new RedisConnection(multiplexer, address, database ?? address?.Database ?? 0, isOwned: false);
    }

    /// <summary>Who can be reached now of those that may hold this key.</summary>
    public Reach ReachOf(string key)
    {
        if (!database.IsConnected(key))
        {
            return Reach.Nobody;
        }

        // In a cluster the client also counts a node that would send it on to the one that holds the key.
        var servers = multiplexer.GetServers();
        return HomeIn(servers, key) is not { } home || Array.Exists(servers, server => server.IsConnected && server.EndPoint.Equals(home)) ? Reach.Home : Reach.Others;
    }

    /// <param name="script">What to run.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="reach">
    /// Where only others are reached than the holder of the keys, a redirect is not followed: version 3 would let the call wait for the holder, and send it after its caller has
    /// given it up. The client notes where the redirect leads all the same, and sends the next call there.
    /// </param>
    public async Task<byte[][]> EvaluateAsync(RedisScript script, string[] keys, byte[][] arguments, Reach reach)
    {
        var (redisKeys, values) = Convert(keys, arguments);
        var flags = reach == Reach.Others ? CommandFlags.NoRedirect : CommandFlags.None;
        try
        {
            return Flatten(await database.ScriptEvaluateAsync(script.Hash, redisKeys, values, flags).ConfigureAwait(false));
        }
        catch (RedisServerException fault) when (RedisErrors.IsUnknownScript(fault.Message))
        {
            // The server was restarted, or flushed its scripts: nothing was done. By the text the client loads the script and repeats the call by itself.
            return Flatten(await database.ScriptEvaluateAsync(script.Text, redisKeys, values, flags).ConfigureAwait(false));
        }
    }

    /// <summary>The same, blocking. Needs a free pool thread, so it is the renewals' second choice.</summary>
    public byte[][] Evaluate(RedisScript script, string[] keys, byte[][] arguments)
    {
        var (redisKeys, values) = Convert(keys, arguments);
        return Flatten(database.ScriptEvaluate(script.Text, redisKeys, values));
    }

    /// <summary>What each primary says of itself, for it may hold a queue; what a replica says when there is nothing else.</summary>
    public async Task<IReadOnlyList<ServerReport>> ReadReportsAsync(RedisScript info)
    {
        var connected = Array.FindAll(multiplexer.GetServers(), server => server.IsConnected);
        // Keeps the connection alive later, so its right is needed; and when nothing is connected, this fails.
        await database.PingAsync().ConfigureAwait(false);
        var primaries = Array.FindAll(connected, server => !server.IsReplica);
        List<ServerReport> reports = [];
        foreach (var server in primaries.Length > 0 ? primaries : connected)
        {
            var text = (string?)await server.ExecuteAsync("EVAL", info.Text, 0).ConfigureAwait(false);
            reports.Add(new ServerReport(RedisAddress.TextOf(server.EndPoint), text ?? ""));
        }

        return reports;
    }

    /// <summary>The node that holds this key as far as the client knows, without asking anybody.</summary>
    public EndPoint? PrimaryOf(string key)
    {
        var servers = multiplexer.GetServers();
        return HomeIn(servers, key) ?? (Array.Find(servers, server => server is { IsConnected: true, IsReplica: false }) ?? Array.Find(servers, server => !server.IsReplica))?.EndPoint;
    }

    public Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> hint) => multiplexer.GetSubscriber().SubscribeAsync(channel, hint);

    /// <summary>Whether the connection that a subscription goes over stands.</summary>
    public bool Hears(RedisChannel channel) => multiplexer.GetSubscriber().IsConnected(channel);

    public Task UnsubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> hint) => multiplexer.GetSubscriber().UnsubscribeAsync(channel, hint);

    /// <summary>Asks the connection that subscriptions go over for an answer; in a cluster, that of one node after the other.</summary>
    public Task PingSubscriptionsAsync() => multiplexer.GetSubscriber().PingAsync();

    /// <summary>Closes a connection of ours without waiting for what hangs in it; leaves a borrowed one alone.</summary>
    public void Close()
    {
        if (IsOwned)
        {
            multiplexer.Close(allowCommandsToComplete: false);
            multiplexer.Dispose();
        }
    }

    private static EndPoint? HomeIn(IServer[] servers, string key) =>
        Array.Find(servers, server => server.ClusterConfiguration is not null)?.ClusterConfiguration?.GetBySlot(key)?.EndPoint;

    private static (RedisKey[] Keys, RedisValue[] Values) Convert(string[] keys, byte[][] arguments) =>
        (Array.ConvertAll(keys, key => (RedisKey)key), Array.ConvertAll(arguments, argument => (RedisValue)argument));

    private static byte[][] Flatten(RedisResult result) => Array.ConvertAll((RedisResult[]?)result ?? [], item => (byte[]?)item ?? []);
}
