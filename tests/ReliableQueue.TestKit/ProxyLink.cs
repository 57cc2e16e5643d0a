using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace ReliableQueue.TestKit;

/// <summary>One connection through the proxy: two streams, each with what is done to its bytes.</summary>
internal sealed class ProxyLink(TcpClient client, TcpClient server, Func<NetworkPace> pace)
{
    public ProxyStream Requests { get; } = new();

    public ProxyStream Replies { get; } = new();

    /// <summary>Carries bytes both ways until one side closes or the proxy stops.</summary>
    public Task CarryAsync(CancellationToken stop) => Task.WhenAny(CarryAsync(client, server, Requests, stop), CarryAsync(server, client, Replies, stop));

    /// <summary>Closes with a reset.</summary>
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

        Close();
    }

    /// <summary>Closes in order.</summary>
    public void Close()
    {
        client.Close();
        server.Close();
    }

    private async Task CarryAsync(TcpClient from, TcpClient to, ProxyStream stream, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var wire = Channel.CreateUnbounded<(byte[] Bytes, long Due)>();
        var reading = ReadAsync(from, wire.Writer, over.Token);

        // Not over when one side has closed: what it sent before is still under way.
        await WriteAsync(wire.Reader, to, stream, over.Token);
        await over.CancelAsync();
        await reading;
    }

    private async Task ReadAsync(TcpClient from, ChannelWriter<(byte[] Bytes, long Due)> wire, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            var (source, last) = (from.GetStream(), 0L);
            while (await source.ReadAsync(buffer.AsMemory(0, pace().Chunk), stop) is var length and > 0)
            {
                last = pace().Due(last, length);
                await wire.WriteAsync((buffer[..length], last), stop);
            }
        }
        catch (Exception fault) when (IsOver(fault))
        {
            // One side went away; so does the other.
        }

        wire.Complete();
    }

    private async Task WriteAsync(ChannelReader<(byte[] Bytes, long Due)> wire, TcpClient to, ProxyStream stream, CancellationToken stop)
    {
        try
        {
            var target = to.GetStream();
            await foreach (var (bytes, due) in wire.ReadAllAsync(stop))
            {
                if (due > Stopwatch.GetTimestamp())
                {
                    await Task.Delay(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due), TimeProvider.System, stop);
                }

                await stream.WaitAsync(stop);
                var passed = stream.Pass(bytes.Length);
                await target.WriteAsync(bytes.AsMemory(0, passed), stop);
                if (stream.IsCut)
                {
                    // What was written goes out before the end: closing with a reset throws away what waits to be sent.
                    await target.FlushAsync(stop);
                    Reset();
                    return;
                }
            }
        }
        catch (Exception fault) when (IsOver(fault))
        {
            // As above.
        }
    }

    private static bool IsOver(Exception fault) =>
        fault is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;
}
