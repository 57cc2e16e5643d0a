using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>Enqueues at a rate, catching up when it was held up, and writes down what it tried and what it was told.</summary>
internal sealed class Producer : IHostedService, IDisposable
{
    private const int MostAtOnce = 64;
    private const int BallastOfABurst = 128;
    private const int BallastAtOnce = 8;

    private readonly SemaphoreSlim free = new(MostAtOnce, MostAtOnce);
    private readonly CancellationTokenSource stop = new();
    private readonly IQueueClient client;
    private readonly OrderMix mix;
    private readonly HistoryWriter history;
    private readonly int perSecond;
    private Task running = Task.CompletedTask;
    private long numbers;

    public Producer(IQueueClient client, OrderMix mix, string path, int perSecond)
    {
        (this.client, this.mix, this.perSecond) = (client, mix, perSecond);
        history = new HistoryWriter(path);
    }

    public HistoryWriter History => history;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        running = RunAsync();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => EndAsync();

    /// <summary>Ends the load. When it returns, every outcome is on disk.</summary>
    public async Task EndAsync()
    {
        await stop.CancelAsync();
        await running;
        for (var slot = 0; slot < MostAtOnce; slot++)
        {
            await free.WaitAsync();
        }

        free.Release(MostAtOnce);
        history.Flush();
    }

    /// <summary>Enqueues large messages until the broker refuses one, or until it should have.</summary>
    /// <returns>How many were sent.</returns>
    public async Task<int> BurstAsync()
    {
        var sent = 0;
        while (sent < BallastOfABurst)
        {
            sent += BallastAtOnce;
            if ((await Task.WhenAll(Enumerable.Range(0, BallastAtOnce).Select(_ => BallastAsync()))).Contains(HistoryWord.Refused))
            {
                break;
            }
        }

        return sent;

        async Task<HistoryWord> BallastAsync()
        {
            await free.WaitAsync();
            return await EnqueueAsync(OrderMix.Ballast(Interlocked.Increment(ref numbers)));
        }
    }

    public void Dispose()
    {
        stop.Dispose();
        free.Dispose();
        history.Dispose();
    }

    private async Task RunAsync()
    {
        var clock = Stopwatch.StartNew();
        var started = 0;
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!stop.IsCancellationRequested)
        {
            for (; started < clock.Elapsed.TotalSeconds * perSecond && !stop.IsCancellationRequested; started++)
            {
                await free.WaitAsync();
                _ = EnqueueAsync(mix.Next(Interlocked.Increment(ref numbers)));
            }

            await beat.WaitForNextTickAsync();
        }
    }

    private async Task<HistoryWord> EnqueueAsync(WorkOrder order)
    {
        history.Attempt(order.Number, order.Act);
        var outcome = await OutcomeAsync(order);
        free.Release();
        return outcome;
    }

    private async Task<HistoryWord> OutcomeAsync(WorkOrder order)
    {
        try
        {
            return history.Outcome(HistoryWord.Enqueued, order.Number, (await client.EnqueueAsync(WorkOrder.Queue, order)).ToString());
        }
        catch (EnqueueOutcomeUnknownException exception)
        {
            return history.Outcome(HistoryWord.Unknown, order.Number, string.Join(',', exception.MessageIds));
        }
        catch (Exception exception) when (exception is QueueFullException or BrokerUnavailableException)
        {
            return history.Outcome(HistoryWord.Refused, order.Number, exception.GetType().Name);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Nothing else is promised, so anything else is a fault.
            return history.Outcome(HistoryWord.Broken, order.Number, exception.GetType().Name + " " + exception.Message.ReplaceLineEndings(" "));
        }
    }
}
