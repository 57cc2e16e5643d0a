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

    /// <param name="rig">Whose producer enqueues.</param>
    /// <param name="perSecond">How many messages.</param>
    /// <param name="milliseconds">How long each is handled.</param>
    /// <param name="most">How many there are at most, for workers that are slower than the load.</param>
    public Load(FaultRig rig, int perSecond, int milliseconds, int most = int.MaxValue) => running = RunAsync(rig, perSecond, milliseconds, most);

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

    private async Task RunAsync(FaultRig rig, int perSecond, int milliseconds, int most)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        do
        {
            var due = Math.Min(most, (int)(clock.Elapsed.TotalSeconds * perSecond)) - enqueued.Count;
            enqueued.AddRange(await rig.EnqueueAsync(due, WorkOrderAct.Return, milliseconds));
            await beat.WaitForNextTickAsync();
        }
        while (!stop.IsCancellationRequested);
    }
}
