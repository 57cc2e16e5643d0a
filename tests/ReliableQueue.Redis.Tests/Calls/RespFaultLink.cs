using System.Net.Sockets;
using System.Text;

namespace ReliableQueue.Redis.Tests.Calls;

/// <summary>One client's connection through a <see cref="RespFaultProxy"/>.</summary>
internal sealed class RespFaultLink(RespFaultProxy proxy, TcpClient client, TcpClient server)
{
    private volatile CallEnd? end;

    /// <summary>Nothing will come back on it any more, and its client has not been told.</summary>
    public bool Hangs => end is { IsReset: false };

    public async Task RunAsync(CancellationToken stop)
    {
        await Task.WhenAny(RequestsAsync(stop), AnswersAsync(stop));
        if (Hangs)
        {
            // It is open as far as the client knows, until somebody resets it.
            var open = new TaskCompletionSource();
            using var registration = stop.Register(open.SetResult);
            await Task.WhenAny(open.Task, Broken.Task);
        }
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
        Broken.TrySetResult();
    }

    private TaskCompletionSource Broken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RequestsAsync(CancellationToken stop)
    {
        try
        {
            var requests = new RespRequests(client.GetStream());
            var target = server.GetStream();
            while (await requests.NextAsync(stop) is { } request)
            {
                if (Hangs)
                {
                    continue;
                }

                var how = request.Name is "EVALSHA" or "EVAL" ? proxy.Next() : null;
                if (how is { Error: { } error })
                {
                    // The server itself gives the answer, so that it comes in its turn.
                    await target.WriteAsync(Refusal(error), stop);
                    continue;
                }

                end = how ?? end;
                if (how is null or { IsExecuted: true })
                {
                    await target.WriteAsync(request.Bytes, stop);
                }
                else if (how.IsReset)
                {
                    Reset();
                }
            }
        }
        catch (Exception fault) when (IsEnd(fault))
        {
            // One side went away; so does the other.
        }
    }

    private async Task AnswersAsync(CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            var (source, target) = (server.GetStream(), client.GetStream());
            while (await source.ReadAsync(buffer, stop) is var length and > 0)
            {
                if (end is { IsReset: true })
                {
                    Reset();
                }
                else if (!Hangs)
                {
                    await target.WriteAsync(buffer.AsMemory(0, length), stop);
                }
            }
        }
        catch (Exception fault) when (IsEnd(fault))
        {
            // As above.
        }
    }

    private byte[] Refusal(string error)
    {
        var script = $"return redis.error_reply(\"{error.Replace("{port}", proxy.Port.ToString(null, null), StringComparison.Ordinal)}\")";
        return Encoding.ASCII.GetBytes($"*3\r\n$4\r\nEVAL\r\n${script.Length}\r\n{script}\r\n$1\r\n0\r\n");
    }

    private static bool IsEnd(Exception fault) =>
        fault is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;
}
