using ReliableQueue.Broker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Redis.Tests;

/// <summary>One connection that is reset in the middle of a call, and next to it one that works, both on a prefix of their own.</summary>
internal sealed class CutLane : IAsyncDisposable
{
    private readonly TcpFaultProxy proxy;

    public CutLane(RedisServer server)
    {
        proxy = new TcpFaultProxy(server.Host, server.Port);
        var prefix = "b" + Guid.NewGuid().ToString("n")[..12];
        Cut = Open(proxy.Configuration, prefix);
        Whole = Open(server.Configuration, prefix);
        Renewal = Cut.Broker.OpenRenewalConnection();
    }

    /// <summary>The queue over the connection that is reset.</summary>
    public TestQueue Cut { get; }

    /// <summary>The queue over the connection that works.</summary>
    public TestQueue Whole { get; }

    /// <summary>For renewals, over the proxy too.</summary>
    public IRenewalConnection Renewal { get; }

    /// <summary>Resets every connection after so many more bytes of one direction, from now until the next one is opened.</summary>
    public void CutAfter(int bytes, CutSide side)
    {
        if (side == CutSide.Request)
        {
            proxy.ResetAfterRequestBytes(bytes);
        }
        else
        {
            proxy.ResetAfterReplyBytes(bytes);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Renewal.Dispose();
        await Cut.Broker.DisposeAsync();
        await Whole.Broker.DisposeAsync();
        await proxy.DisposeAsync();
    }

    private static TestQueue Open(string configuration, string prefix) => new(RedisBroker.Open(
        new RedisBrokerOptions { Configuration = configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(10) }));
}
