using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>Where the connection comes from: opened here, given by the application, or made by its factory.</summary>
/// <param name="Address">What is known before there is a connection; null when only a factory knows.</param>
/// <param name="Database">The database of the queues.</param>
/// <param name="OpenAsync">Opens, or hands out, the connection.</param>
internal sealed record RedisSource(RedisAddress? Address, int Database, Func<CancellationToken, Task<RedisConnection>> OpenAsync)
{
    public static RedisSource From(RedisBrokerOptions options)
    {
        if (options.Connection is { } given)
        {
            var borrowed = RedisConnection.Borrow(given, options.Database);
            return new RedisSource(borrowed.Address, borrowed.Database, _ => Task.FromResult(borrowed));
        }

        if (options.ConnectionFactory is { } factory)
        {
            return new RedisSource(
                null, options.Database ?? 0, async stop => RedisConnection.Borrow(await factory(stop).ConfigureAwait(false), options.Database));
        }

        var address = options.ConfigurationOptions is { } configured ? RedisAddress.Of(configured.Clone()) : RedisAddress.Parse(options.Configuration ?? "");
        var database = options.Database ?? address.Database;
        Adapt(address.Options, options.CallTimeout);
        return new RedisSource(address, database, _ => RedisConnection.OpenAsync(address, database));
    }

    /// <summary>What a connection needs to be left soon when it hangs, to come back soon, and to say what became of a call.</summary>
    private static void Adapt(ConfigurationOptions options, TimeSpan callTimeout)
    {
        // A server that is away now comes back later, and the client connects then.
        options.AbortOnConnectFail = false;
        // A call that waits for a connection may be sent long after its caller was told that nobody knows; one that fails at once was certainly not sent.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        // The client leaves a connection on which nothing came back for four of these.
        options.AsyncTimeout = options.SyncTimeout = (int)callTimeout.TotalMilliseconds;
        // The connection of the hints is mostly silent: it is asked this often whether it still lives, in seconds.
        options.KeepAlive = Math.Max(1, (int)callTimeout.TotalSeconds);
        // Not slower and slower; and not sooner, because version 2 gives up an attempt that is still under way when it is time for the next.
        options.ReconnectRetryPolicy = new LinearRetry(options.ConnectTimeout);
    }

    public override string ToString() => Address?.Text ?? "an address that only the factory knows";
}
