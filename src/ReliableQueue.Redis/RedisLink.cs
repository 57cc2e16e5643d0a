using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>
/// Makes calls over the current connection, each with a time limit, and replaces a connection that hangs: the library waits for ever on one whose other end is
/// gone without a word, and says it is connected.
/// </summary>
internal sealed class RedisLink : IAsyncDisposable
{
    // The first timeout may be a slow server; two in a row with nothing answered between are taken for a dead connection.
    private const int TimeoutsToReplace = 2;

    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private Task<StackExchangeClient>? opening;
    private long openedAt;
    private int timeouts;
    private bool disposed;

    public RedisLink(ConnectionSource source, TimeSpan callTimeout, TimeProvider time, ILogger log)
    {
        Source = source;
        CallTimeout = callTimeout;
        this.time = time;
        Log = log;
        Hints = new HintBoard(this);
    }

    public ConnectionSource Source { get; }

    public TimeSpan CallTimeout { get; }

    public HintBoard Hints { get; }

    public ILogger Log { get; }

    /// <summary>Makes one call. Throws nothing but <see cref="BrokerException"/> and cancellation.</summary>
    public async Task<T> CallAsync<T>(string operation, QueueName? queue, Func<StackExchangeClient, Task<T>> call, CancellationToken cancellationToken)
    {
        var client = await ConnectAsync(operation, queue, cancellationToken).ConfigureAwait(false);
        try
        {
            var answer = await Within(call(client), cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref timeouts, 0);
            Hints.Attach(client);
            return answer;
        }
        catch (Exception fault) when (fault is not OperationCanceledException and not BrokerException)
        {
            var kind = StackExchangeClient.FaultOf(fault) ?? BrokerFault.Unknown;
            Learn(client, fault);
            throw new BrokerException(kind, Text(operation, queue, client.Settings, fault), fault);
        }
    }

    /// <summary>The connection in use, when there is one. Never waits.</summary>
    public StackExchangeClient? Current()
    {
        lock (gate)
        {
            return opening is { IsCompletedSuccessfully: true } done ? done.Result : null;
        }
    }

    public string Text(string operation, QueueName? queue, ConnectionSettings? settings, Exception fault)
    {
        var place = $"Redis at {settings?.EndpointText ?? "an address only the factory knows"}{(queue is null ? "" : $", queue '{queue}'")}, {operation}";
        return fault is TimeoutException
            ? $"{place}: no answer within {CallTimeout}.{(Source.CanReplace ? "" : " The connection is the application's own, so it is not replaced here.")}"
            : $"{place}: {LackOf(operation, fault.Message)}{fault.Message}";
    }

    private static string LackOf(string operation, string text) =>
        RedisScripts.Shipped.All.FirstOrDefault(script => script.Name == operation) is { } script && RedisErrors.LackOf(script, text) is { } lack ? lack + " " : "";

    public async ValueTask DisposeAsync()
    {
        Task<StackExchangeClient>? last;
        lock (gate)
        {
            disposed = true;
            last = opening;
            opening = null;
        }

        if (last is not null)
        {
            await RetireAsync(last).ConfigureAwait(false);
        }
    }

    private async Task<StackExchangeClient> ConnectAsync(string operation, QueueName? queue, CancellationToken cancellationToken)
    {
        try
        {
            return await Within(Opening(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The call was never sent. The connection goes on opening in the background; when that failed, the next call starts another.
            throw new BrokerException(BrokerFault.NotApplied, Text(operation, queue, Source.Settings, fault) + " No connection yet.", fault);
        }
    }

    private Task<StackExchangeClient> Opening()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(IQueueBroker));
            if (opening is null or { IsFaulted: true } or { IsCanceled: true })
            {
                opening = OpenAsync();
            }

            return opening;
        }
    }

    private Task<StackExchangeClient> OpenAsync()
    {
        openedAt = time.GetTimestamp();
        timeouts = 0;
        // On the pool, because opening resolves names before it first yields.
        return Task.Run(() => Source.OpenAsync(CancellationToken.None));
    }

    private void Learn(StackExchangeClient client, Exception fault)
    {
        var hangs = fault is TimeoutException
            ? Interlocked.Increment(ref timeouts) >= TimeoutsToReplace
            : !client.IsConnected && time.GetElapsedTime(Volatile.Read(ref openedAt)) > TimeSpan.FromSeconds(5) + CallTimeout;
        if (hangs && Source.CanReplace)
        {
            Replace(client);
        }
    }

    private void Replace(StackExchangeClient hanging)
    {
        Task<StackExchangeClient> old;
        lock (gate)
        {
            if (disposed || opening is not { IsCompletedSuccessfully: true } current || !ReferenceEquals(current.Result, hanging))
            {
                // Somebody else has begun to replace it.
                return;
            }

            old = current;
            opening = OpenAsync();
        }

        RedisLog.Replacing(Log, hanging.Settings.EndpointText);
        _ = RetireAsync(old);
    }

    private static async Task RetireAsync(Task<StackExchangeClient> old)
    {
        try
        {
            var client = await old.ConfigureAwait(false);
            // On the pool, because the library blocks while it closes.
            await Task.Run(client.Retire).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It never opened, or was broken beyond closing: either way nobody uses it any more.
        }
    }

    private async Task<T> Within<T>(Task<T> task, CancellationToken cancellationToken)
    {
        if (!task.IsCompleted)
        {
            // Left behind after a timeout, it may fail with nobody to hear it.
            _ = task.ContinueWith(
                static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        return await task.WaitAsync(CallTimeout, time, cancellationToken).ConfigureAwait(false);
    }
}
