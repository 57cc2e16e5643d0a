using System.Net;
using System.Net.Sockets;

namespace ReliableQueue.Redis.Tests.Security;

/// <summary>Stands where a Redis should be: keeps every byte a client sends and answers as somebody who speaks no TLS would like it to go on.</summary>
internal sealed class RecordingListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly Lock gate = new();
    private readonly List<List<byte>> conversations = [];
    private readonly Task accepting;

    public RecordingListener()
    {
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>What was received so far, a connection each.</summary>
    public IReadOnlyList<byte[]> Conversations
    {
        get
        {
            lock (gate)
            {
                return [.. conversations.Where(bytes => bytes.Count > 0).Select(bytes => bytes.ToArray())];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        listener.Stop();
        await accepting;
        stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await listener.AcceptTcpClientAsync(stopped.Token)));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        List<byte> received = [];
        lock (gate)
        {
            conversations.Add(received);
        }

        using (client)
        {
            try
            {
                var buffer = new byte[16 * 1024];
                var stream = client.GetStream();
                while (await stream.ReadAsync(buffer, stopped.Token) is var length and > 0)
                {
                    lock (gate)
                    {
                        received.AddRange(buffer.AsSpan(0, length));
                    }

                    await stream.WriteAsync("+OK\r\n"u8.ToArray(), stopped.Token);
                }
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or IOException)
            {
                // The client left, or the test is over.
            }
        }
    }
}
