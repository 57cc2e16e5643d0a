using System.Diagnostics;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.FaultTests;

/// <summary>A producer that enqueues at a rate, catching up when it was held up, until it is stopped.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<MessageId> enqueued = [];
    private readonly Task running;

    public Load(FaultRig rig, int perSecond, int milliseconds) => running = RunAsync(rig, perSecond, milliseconds);

    /// <summary>Ends the load. Every message in the answer was acknowledged by the broker.</summary>
    public async Task<IReadOnlyList<MessageId>> StopAsync()
    {
        await stop.CancelAsync();
        await running;
        return enqueued;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task RunAsync(FaultRig rig, int perSecond, int milliseconds)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        do
        {
            var due = (int)(clock.Elapsed.TotalSeconds * perSecond) - enqueued.Count;
            enqueued.AddRange(await rig.EnqueueAsync(due, WorkOrderAct.Return, milliseconds));
            await beat.WaitForNextTickAsync();
        }
        while (!stop.IsCancellationRequested);
    }
}
