using ReliableQueue.Redis.Tests;
using ReliableQueue.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace ReliableQueue.Redis.Tests;

/// <summary>One server for every test that does not harm it. Tests keep apart by prefix.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    private RedisServer? server;

    public RedisServer Server => server ?? throw new InvalidOperationException("Redis was not started.");

    public async ValueTask InitializeAsync() => server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
