namespace ReliableQueue.Redis;

/// <summary>Where connections come from, and whether they are ours to replace and close.</summary>
/// <param name="Settings">What is known before the first connection; null when only a factory knows.</param>
/// <param name="CanReplace">Whether asking again may give another connection.</param>
/// <param name="Database">The database of the queues.</param>
/// <param name="OpenAsync">Opens, or hands out, a connection.</param>
internal sealed record ConnectionSource(
    ConnectionSettings? Settings, bool CanReplace, int Database, Func<CancellationToken, Task<StackExchangeClient>> OpenAsync)
{
    public static ConnectionSource From(RedisBrokerOptions options)
    {
        if (options.Configuration is { } configuration)
        {
            var settings = StackExchangeClient.Describe(configuration);
            settings = settings with { Database = options.Database ?? settings.Database };
            return new ConnectionSource(
                settings, true, settings.Database, _ => StackExchangeClient.OpenAsync(configuration, settings, options.CallTimeout));
        }

        if (options.Connection is { } connection)
        {
            var client = StackExchangeClient.Borrow(connection, options.Database);
            return new ConnectionSource(client.Settings, false, client.Settings.Database, _ => Task.FromResult(client));
        }

        var factory = options.ConnectionFactory ?? throw new ArgumentException("No connection is configured.", nameof(options));
        return new ConnectionSource(
            null, true, options.Database ?? 0, async stop => StackExchangeClient.Borrow(await factory(stop).ConfigureAwait(false), options.Database));
    }
}
