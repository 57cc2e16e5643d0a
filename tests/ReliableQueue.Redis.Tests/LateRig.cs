using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>A Redis of its own, a queue over a network that holds what it carries, and the same queue directly.</summary>
internal sealed class LateRig : IAsyncDisposable
{
    private readonly RedisServer server;
    private readonly TcpFaultProxy proxy;
    private long before;

    private LateRig(RedisServer server)
    {
        this.server = server;
        proxy = new TcpFaultProxy(server.Host, server.Port);
        Slow = Open(proxy.Configuration, TimeSpan.FromSeconds(2));
        Direct = Open(server.Configuration, TimeSpan.FromSeconds(20));
    }

    /// <summary>Gives up soon, and so makes no call that is not repeated or meant to fail.</summary>
    public TestQueue Slow { get; }

    public TestQueue Direct { get; }

    public static async Task<LateRig> StartAsync()
    {
        var rig = new LateRig(await RedisServer.StartAsync());

        // So that the server knows every script, and each request that is held is the whole of its call.
        await rig.Direct.EnqueueAsync();
        await rig.Direct.AckAsync((await rig.Direct.LeaseAsync()).Messages);
        await Repeated.UntilAnsweredAsync(rig.Slow.CountAsync);
        return rig;
    }

    /// <summary>The call is held in the network until its sender gives up.</summary>
    public async Task HoldAsync(Func<Task> call)
    {
        proxy.HoldRequests();
        Assert.Equal(BrokerFault.Unknown, (await Assert.ThrowsAsync<BrokerException>(call)).Fault);
    }

    /// <summary>The answer is held in the network until its caller gives up, and arrives then.</summary>
    public async Task HoldRepliesAsync(Func<Task> call)
    {
        proxy.HoldReplies();
        Assert.Equal(BrokerFault.Unknown, (await Assert.ThrowsAsync<BrokerException>(call)).Fault);
        proxy.Release();
    }

    public async Task<T> HoldAndRepeatAsync<T>(Func<Task<T>> call)
    {
        await HoldAsync(call);
        return await Repeated.UntilAnsweredAsync(call);
    }

    /// <summary>What is held arrives at the server, whose sender is on another connection by now.</summary>
    public async Task ReleaseAsync()
    {
        before = await CallsAsync();
        proxy.Release();
        await Eventually.TrueAsync(async () => await CallsAsync() > before, "what was held arrives");
    }

    public async ValueTask DisposeAsync()
    {
        await Slow.Broker.DisposeAsync();
        await Direct.Broker.DisposeAsync();
        await proxy.DisposeAsync();
        await server.DisposeAsync();
    }

    private static TestQueue Open(string configuration, TimeSpan callTimeout) =>
        new(RedisBroker.Open(new RedisBrokerOptions { Configuration = configuration, CallTimeout = callTimeout }));

    private async Task<long> CallsAsync()
    {
        var line = new ServerReport("", await server.CommandAsync("INFO", "commandstats"))["cmdstat_evalsha"] ?? "calls=0,";
        return long.Parse(line.AsSpan(6, line.IndexOf(',', StringComparison.Ordinal) - 6), null);
    }
}
