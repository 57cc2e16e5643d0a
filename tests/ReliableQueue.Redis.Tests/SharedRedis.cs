using ReliableQueue.Redis.Tests;
using ReliableQueue.TestKit;
using StackExchange.Redis;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace ReliableQueue.Redis.Tests;

/// <summary>One server for every test that does not harm it. Tests keep apart by prefix.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    private RedisServer? server;
    private ConnectionMultiplexer? multiplexer;

    public RedisServer Server => server ?? throw new InvalidOperationException("Redis was not started.");

    /// <summary>A way to look at the keys next to the broker.</summary>
    public IDatabase Database => multiplexer?.GetDatabase() ?? throw new InvalidOperationException("Redis was not started.");

    public async ValueTask InitializeAsync()
    {
        server = await RedisServer.ShareAsync();
        multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Configuration + ",connectTimeout=20000,syncTimeout=20000");
    }

    public async ValueTask DisposeAsync()
    {
        multiplexer?.Close(allowCommandsToComplete: false);
        multiplexer?.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }
}
