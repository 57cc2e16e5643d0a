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
    private readonly ConcurrentDictionary<Link, bool> links = new();
    private readonly CancellationTokenSource stopped = new();
    private readonly string host;
    private readonly int port;
    private readonly Task accepting;

    public TcpFaultProxy(string host, int port)
    {
        this.host = host;
        this.port = port;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Configuration => $"127.0.0.1:{Port}";

    /// <summary>New connections are closed at once.</summary>
    public bool IsRefusing { get; set; }

    /// <summary>How long every piece of a request or reply takes, on the connections there are and on new ones.</summary>
    public TimeSpan Lag { get; set; }

    public int Connections => links.Count;

    /// <summary>Requests arrive, answers do not.</summary>
    public void DropReplies() => OnEach(link => link.Replies = Passage.Dropped);

    /// <summary>Requests do not arrive.</summary>
    public void DropRequests() => OnEach(link => link.Requests = Passage.Dropped);

    /// <summary>Nothing arrives either way, and nobody is told.</summary>
    public void Blackhole() => OnEach(link => link.Requests = link.Replies = Passage.Dropped);

    /// <summary>Requests wait until <see cref="Release"/>.</summary>
    public void HoldRequests() => OnEach(link => link.Requests = Passage.Held);

    /// <summary>What was held goes on, in order; replies to it are dropped, because its sender has long left.</summary>
    public void Release() => OnEach(link => link.Release());

    /// <summary>Closes every connection with a reset.</summary>
    public void Reset() => OnEach(link => link.Reset());

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        listener.Stop();
        Reset();
        await accepting;
        stopped.Dispose();
    }

    private void OnEach(Action<Link> act)
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
                await server.ConnectAsync(host, port, stopped.Token);
                var link = new Link(this, client, server);
                links[link] = true;
                await Task.WhenAny(link.PumpRequestsAsync(stopped.Token), link.PumpRepliesAsync(stopped.Token));
                links.TryRemove(link, out _);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // The server is away, or the proxy stopped.
            }
        }
    }

    private enum Passage
    {
        Open,
        Held,
        Dropped,
    }

    private sealed class Link(TcpFaultProxy proxy, TcpClient client, TcpClient server)
    {
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Passage Requests { get; set; }

        public Passage Replies { get; set; }

        public Task PumpRequestsAsync(CancellationToken stop) => PumpAsync(client, server, () => Requests, stop);

        public Task PumpRepliesAsync(CancellationToken stop) => PumpAsync(server, client, () => Replies, stop);

        public void Release()
        {
            if (Requests != Passage.Held)
            {
                return;
            }

            Replies = Passage.Dropped;
            Requests = Passage.Open;
            released.TrySetResult();
        }

        public void Reset()
        {
            try
            {
                // Without lingering, closing is a reset. A client closed already has no socket.
                client.Client?.LingerState = new LingerOption(true, 0);
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                // Closed this moment.
            }

            client.Close();
            server.Close();
        }

        private async Task PumpAsync(TcpClient from, TcpClient to, Func<Passage> passage, CancellationToken stop)
        {
            var buffer = new byte[64 * 1024];
            try
            {
                var (source, target) = (from.GetStream(), to.GetStream());
                while (await source.ReadAsync(buffer, stop) is var length and > 0)
                {
                    if (proxy.Lag is var lag && lag > TimeSpan.Zero)
                    {
                        await Task.Delay(lag, stop);
                    }

                    if (passage() == Passage.Held)
                    {
                        await released.Task.WaitAsync(stop);
                    }

                    if (passage() == Passage.Open)
                    {
                        await target.WriteAsync(buffer.AsMemory(0, length), stop);
                    }
                }
            }
            catch (Exception fault) when (fault is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
                // One side went away; so does the other.
            }
        }
    }
}
