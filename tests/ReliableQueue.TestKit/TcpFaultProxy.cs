using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ReliableQueue.TestKit;

/// <summary>
/// A loopback proxy that fails the way networks do. A fault is put on the connections there are; it lasts until they are closed, because no network drops bytes
/// of a connection and then goes on with it. Connections made later work, unless they are refused.
/// </summary>
public sealed class TcpFaultProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<ProxyLink, bool> links = new();
    private readonly CancellationTokenSource stopped = new();
    private readonly Task accepting;
    private volatile Tuple<string, int> target;

    public TcpFaultProxy(string host, int port)
    {
        target = Tuple.Create(host, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Configuration => $"127.0.0.1:{Port}";

    /// <summary>New connections are closed at once.</summary>
    public bool IsRefusing { get; set; }

    /// <summary>How long every piece of a request or reply takes, on the connections there are and on new ones.</summary>
    public TimeSpan Lag
    {
        get => Pace.Latency;
        set => Pace = Pace with { Latency = value };
    }

    public int Connections => links.Count;

    /// <summary>How slow the network is, on the connections there are and on new ones.</summary>
    public NetworkPace Pace { get; set; } = new();

    /// <summary>Bytes of requests that have passed on the connections there are.</summary>
    public long RequestBytes => links.Keys.Sum(link => link.Requests.Passed);

    /// <summary>Bytes of replies that have passed on the connections there are.</summary>
    public long ReplyBytes => links.Keys.Sum(link => link.Replies.Passed);

    /// <summary>New connections go to another server, as when a name is given to another machine.</summary>
    public void RouteTo(string host, int port) => target = Tuple.Create(host, port);

    /// <summary>Requests arrive, answers do not.</summary>
    public void DropReplies() => OnEach(link => link.Replies.IsDropping = true);

    /// <summary>Requests do not arrive.</summary>
    public void DropRequests() => OnEach(link => link.Requests.IsDropping = true);

    /// <summary>Nothing arrives either way, and nobody is told.</summary>
    public void Blackhole() => OnEach(link => link.Requests.IsDropping = link.Replies.IsDropping = true);

    /// <summary>Requests wait until <see cref="Release"/>.</summary>
    public void HoldRequests() => OnEach(link => link.Requests.Hold());

    /// <summary>Replies wait until <see cref="Release"/>.</summary>
    public void HoldReplies() => OnEach(link => link.Replies.Hold());

    /// <summary>What was held goes on, in order; replies to requests that were held are dropped, because their sender has long left.</summary>
    public void Release() => OnEach(link =>
    {
        link.Replies.IsDropping |= link.Requests.IsHeld;
        link.Requests.Release();
        link.Replies.Release();
    });

    /// <summary>Each connection is reset when so many more bytes of its requests have passed.</summary>
    public void ResetAfterRequestBytes(int bytes) => OnEach(link => link.Requests.CutAfter(bytes));

    /// <summary>Each connection is reset when so many more bytes of its replies have passed.</summary>
    public void ResetAfterReplyBytes(int bytes) => OnEach(link => link.Replies.CutAfter(bytes));

    /// <summary>Closes every connection with a reset.</summary>
    public void Reset() => OnEach(link => link.Reset());

    /// <summary>Closes every connection in order.</summary>
    public void Close() => OnEach(link => link.Close());

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        listener.Stop();
        Reset();
        await accepting;
        stopped.Dispose();
    }

    private void OnEach(Action<ProxyLink> act)
    {
        foreach (var link in links.Keys)
        {
            act(link);
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stopped.Token);
                if (IsRefusing)
                {
                    client.Dispose();
                    continue;
                }

                _ = ServeAsync(client);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                var (host, port) = target;
                await server.ConnectAsync(host, port, stopped.Token);
                (client.NoDelay, server.NoDelay) = (true, true);
                var link = new ProxyLink(client, server, () => Pace);
                links[link] = true;
                await link.CarryAsync(stopped.Token);
                links.TryRemove(link, out _);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // The server is away, or the proxy stopped.
            }
        }
    }
}
