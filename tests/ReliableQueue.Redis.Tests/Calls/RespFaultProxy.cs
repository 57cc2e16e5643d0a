using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ReliableQueue.Redis.Tests.Calls;

/// <summary>Stands before a real Redis, understands what is asked, and ends chosen script calls badly; everything else it passes on.</summary>
internal sealed class RespFaultProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<RespFaultLink, bool> links = new();
    private readonly CancellationTokenSource stopped = new();
    private readonly Lock gate = new();
    private readonly string host;
    private readonly int port;
    private readonly Task accepting;
    private CallEnd? end;
    private int wait;
    private int left;

    public RespFaultProxy(string host, int port)
    {
        (this.host, this.port) = (host, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many script calls ended badly since the last <see cref="Arm"/>.</summary>
    public int Spoilt { get; private set; }

    /// <summary>From now on, the script call of this number, counted from 1, and those after it end so, as often as said.</summary>
    public void Arm(CallEnd how, int call, int times)
    {
        lock (gate)
        {
            (end, wait, left, Spoilt) = (how, call - 1, times, 0);
        }
    }

    /// <summary>No more calls end badly, and every connection that hangs is found out.</summary>
    public void Heal()
    {
        lock (gate)
        {
            left = 0;
        }

        BreakHanging();
    }

    /// <summary>What the kernel does at last: connections on which nothing came back are reset.</summary>
    public void BreakHanging()
    {
        foreach (var link in links.Keys.Where(link => link.Hangs))
        {
            link.Reset();
        }
    }

    /// <summary>How the script call that has just come ends; null when it is to be done.</summary>
    public CallEnd? Next()
    {
        lock (gate)
        {
            if (wait > 0)
            {
                wait--;
                return null;
            }

            if (left == 0)
            {
                return null;
            }

            left--;
            Spoilt++;
            return end;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        listener.Stop();
        foreach (var link in links.Keys)
        {
            link.Reset();
        }

        await accepting;
        stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopped.Token));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(host, port, stopped.Token);
                var link = new RespFaultLink(this, client, server);
                links[link] = true;
                await link.RunAsync(stopped.Token);
                links.TryRemove(link, out _);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The proxy stopped.
            }
        }
    }
}
