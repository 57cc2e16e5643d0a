using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>Makes calls over the connection, each with a time limit, and says of each that failed whether it may have been done.</summary>
internal sealed class RedisLink(RedisSource source, TimeSpan callTimeout, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly RedisDiagnosis diagnosis = new(source, callTimeout, time);
    private Task<RedisConnection>? opening;
    private long openingSince;
    private bool disposed;

    public RedisSource Source => source;

    public TimeSpan CallTimeout => callTimeout;

    public TimeProvider Time => time;

    public ILogger Log => log;

    /// <summary>Runs a script. Throws nothing but <see cref="BrokerException"/> and cancellation.</summary>
    public Task<byte[][]> EvaluateAsync(RedisScript script, QueueName? queue, string[] keys, byte[][] arguments, CancellationToken cancellationToken) =>
        CallAsync(PlaceOf(script.Name, queue), script, keys[0], (connection, reach) => connection.EvaluateAsync(script, keys, arguments, reach), cancellationToken);

    /// <summary>What the servers say of themselves. Throws nothing but <see cref="BrokerException"/> and cancellation.</summary>
    public Task<IReadOnlyList<ServerReport>> ReadReportsAsync(RedisScript info, CancellationToken cancellationToken) =>
        CallAsync(PlaceOf("check", null), info, null, (connection, _) => connection.ReadReportsAsync(info), cancellationToken);

    /// <summary>Runs a script on the calling thread. Throws what the client throws.</summary>
    public byte[][] Evaluate(RedisScript script, string[] keys, byte[][] arguments) => Current() is { } connection
        ? connection.Evaluate(script, keys, arguments)
        : throw new BrokerException(BrokerFault.NotApplied, $"{PlaceOf(script.Name, null)}: there is no connection yet.");

    /// <summary>The connection, when there is one. Never waits.</summary>
    public RedisConnection? Current()
    {
        lock (gate)
        {
            return opening is { IsCompletedSuccessfully: true } done ? done.Result : null;
        }
    }

    /// <summary>The connection, when it is opened. A server that is away does not fail it.</summary>
    public Task<RedisConnection> OpenAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(IQueueBroker));
            if (opening is null or { IsFaulted: true } or { IsCanceled: true })
            {
                // On the pool, because opening resolves names before it first yields.
                opening = Task.Run(() => source.OpenAsync(CancellationToken.None), CancellationToken.None);
                openingSince = time.GetTimestamp();
            }

            return opening.WaitAsync(cancellationToken);
        }
    }

    /// <summary>What failed and where, for the text of an exception.</summary>
    public string PlaceOf(string operation, QueueName? queue) =>
        $"Redis at {Current()?.Text ?? source.ToString()}{(queue is null ? "" : $", queue '{queue}'")}, {operation}";

    public async ValueTask DisposeAsync()
    {
        Task<RedisConnection>? last;
        lock (gate)
        {
            disposed = true;
            last = opening;
            opening = null;
        }

        if (last is not null)
        {
            // One that is still opening ends by itself within the client's time to connect, and nobody waits for it.
            var closing = CloseAsync(last);
            await (last.IsCompleted ? closing : Task.CompletedTask).ConfigureAwait(false);
        }
    }

    private async Task<T> CallAsync<T>(
        string place, RedisScript script, string? key, Func<RedisConnection, Reach, Task<T>> call, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(place, waits: key is null, cancellationToken).ConfigureAwait(false);
        var reach = key is not null ? connection.ReachOf(key) : connection.IsConnected ? Reach.Home : Reach.Nobody;
        var wasConnected = reach != Reach.Nobody;
        if (!wasConnected && !connection.IsOwned)
        {
            // The application may let calls wait for the connection, and they would be sent after their caller has given them up.
            throw new BrokerException(BrokerFault.NotApplied, $"{place}: the connection, which is the application's own, is not connected. Nothing was sent.");
        }

        try
        {
            return await Within(call(connection, reach), callTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException fault) when (fault is not StackExchange.Redis.RedisTimeoutException)
        {
            var owner = connection.IsOwned ? "" : " The connection is the application's own, so what it does about that is the application's choice.";
            throw new BrokerException(BrokerFault.Unknown, $"{place}: no answer within {callTimeout}.{owner}", fault);
        }
        catch (Exception fault) when (!IsCancellation(fault, cancellationToken))
        {
            var lack = RedisErrors.LackOf(script, fault.Message);
            // A script without keys does nothing before the line that it may not run.
            var kind = lack is not null && key is null ? BrokerFault.Refused : RedisErrors.FaultOf(fault, wasConnected);
            // The connection may be lost since it was looked at: the client also leaves one whose silence it broke with a PING that the server refuses, as with MISCONF.
            throw kind == BrokerFault.NotApplied && (!wasConnected || fault is StackExchange.Redis.RedisConnectionException)
                ? await NotConnectedAsync(place, fault, waits: key is null).ConfigureAwait(false)
                : new BrokerException(kind, $"{place}: {(lack is null ? "" : lack + " ")}{fault.Message}", fault);
        }
    }

    /// <summary>The call was never sent. The connection goes on opening in the background; when that failed, the next call starts again.</summary>
    /// <param name="place">What failed and where.</param>
    /// <param name="fault">What the client threw, or that it took too long.</param>
    /// <param name="waits">A check is asked for the reason and waits for it; other calls take the one that is known.</param>
    private async Task<BrokerException> NotConnectedAsync(string place, Exception fault, bool waits)
    {
        var reason = waits ? await diagnosis.FindAsync().ConfigureAwait(false) : diagnosis.Known();
        return (RedisErrors.RefusalIn(reason) ?? RedisErrors.RefusalIn(fault)) is { } refusal
            ? new BrokerException(BrokerFault.Refused, $"{place}: {RedisErrors.TextOf(refusal)} There is no connection.", refusal)
            : new BrokerException(BrokerFault.NotApplied, $"{place}: there is no connection yet. {(reason as RespException ?? fault).Message}", fault);
    }

    private async Task<RedisConnection> ConnectAsync(string place, bool waits, CancellationToken cancellationToken)
    {
        try
        {
            var opened = OpenAsync(cancellationToken);
            // Counted from when it began: a call that waits here looks to its caller like one that was sent, so later calls do not wait again.
            var left = callTimeout - time.GetElapsedTime(Volatile.Read(ref openingSince));
            return await Within(opened, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not ObjectDisposedException && !IsCancellation(fault, cancellationToken))
        {
            throw await NotConnectedAsync(place, fault, waits).ConfigureAwait(false);
        }
    }

    private static bool IsCancellation(Exception fault, CancellationToken cancellationToken) =>
        fault is OperationCanceledException && cancellationToken.IsCancellationRequested;

    private static async Task CloseAsync(Task<RedisConnection> opened)
    {
        try
        {
            var connection = await opened.ConfigureAwait(false);
            // On the pool, because the client blocks while it closes.
            await Task.Run(connection.Close).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It never opened, or was broken beyond closing: either way nobody uses it any more.
        }
    }

    private async Task<T> Within<T>(Task<T> task, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!task.IsCompleted)
        {
            // Left behind after a timeout, it may fail with nobody to hear it.
            _ = task.ContinueWith(
                static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        // Not left to the client, which looks for calls without an answer once a second.
        return await task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
    }
}
