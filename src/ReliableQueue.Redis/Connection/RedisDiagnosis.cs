using StackExchange.Redis;

namespace ReliableQueue.Redis;

/// <summary>
/// Why a connection of ours cannot be made now. The client remembers the first failure after it was connected ("reset by peer") and not what has kept it away since (a password
/// that was changed); a fresh connection meets today's reason.
/// </summary>
internal sealed class RedisDiagnosis(RedisSource source, TimeSpan callTimeout, TimeProvider time)
{
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Task<Exception?> last = Task.FromResult<Exception?>(null);
    private long? begun;

    /// <summary>The reason; null when there is none, or none is known. One fresh connection serves everybody who asks within some seconds.</summary>
    public Task<Exception?> FindAsync()
    {
        lock (gate)
        {
            if (last.IsCompleted && source.Address is { } address && (begun is not { } when || time.GetElapsedTime(when) > pause))
            {
                begun = time.GetTimestamp();
                last = Task.Run(() => TryAsync(address.Options.Clone()));
            }

            return last;
        }
    }

    /// <summary>The reason that was found last, unless it is being looked for.</summary>
    public Exception? Known()
    {
        var finding = FindAsync();
        return finding.IsCompletedSuccessfully ? finding.Result : null;
    }

    private async Task<Exception?> TryAsync(ConfigurationOptions options)
    {
        options.ConnectRetry = 1;
        // Without a second connection for hints, whose end may be reported in the place of the first one's.
        if (options.CommandMap == CommandMap.Default)
        {
            options.CommandMap = CommandMap.Create(["SUBSCRIBE"], available: false);
        }

        // A second attempt would put "timed out" in the place of the reason.
        options.ReconnectRetryPolicy = new LinearRetry(int.MaxValue);
        options.ConnectTimeout = Math.Min(options.ConnectTimeout, (int)callTimeout.TotalMilliseconds);
        try
        {
            await using var fresh = await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false);
            // Blocking, because version 2 may cancel what it cannot send before it says why. One that cannot be sent fails at once.
            return await Task.Factory.StartNew(
                () => ReasonOf(fresh, options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        catch (Exception reason)
        {
            return reason;
        }
    }

    private Exception? ReasonOf(ConnectionMultiplexer fresh, ConfigurationOptions options)
    {
        try
        {
            _ = fresh.GetDatabase().Ping();
            return null;
        }
        catch (Exception reason)
        {
            return RedisErrors.RefusalIn(reason) is null && WordOf(options) is { } word ? word : reason;
        }
    }

    /// <summary>What the server says before it hangs up, for example that it takes no more clients: the client often notices only the end.</summary>
    private RespException? WordOf(ConfigurationOptions options)
    {
        try
        {
            // Not from a sentinel, which has a sign-in of its own.
            if (string.IsNullOrEmpty(options.ServiceName))
            {
                using var socket = RespConnection.Open(options.EndPoints[0], options, 0, callTimeout);
                socket.Ping();
            }
        }
        catch (RespException word)
        {
            return word;
        }
        catch (Exception)
        {
            // Then what the client said is all there is.
        }

        return null;
    }
}
