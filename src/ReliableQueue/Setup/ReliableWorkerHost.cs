using ReliableQueue.Working.Life;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Setup;

/// <summary>
/// Ties a worker to the life of its host. Leasing stops in <see cref="StoppingAsync"/>, not in <see cref="StopAsync"/>: the web server stops in between and eats the same
/// shutdown budget (measured: with one request open, StopAsync came with its token already cancelled).
/// </summary>
internal sealed class ReliableWorkerHost(ReliableWorker worker, ILogger<ReliableWorkerHost> logger) : IHostedLifecycleService
{
    private Task running = Task.CompletedTask;
    private int isStopped;

    public Task StartingAsync(CancellationToken cancellationToken) => worker.CheckAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // On the pool, free of the host's context: everything the worker awaits stays on the scheduler it is started on, and no handler runs, for days, inside the
        // trace or the other ambient values of whoever happened to start the host.
        using (ExecutionContext.SuppressFlow())
        {
            running = Task.Run(worker.RunAsync, CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        worker.Stop();
        return Task.CompletedTask;
    }

    /// <summary>Waits for the drain. Its own clock bounds it (drain time, grace, 3 s to settle), not the token: what is not released here waits a whole visibility timeout.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        worker.Stop();
        await running;
        if (Interlocked.Exchange(ref isStopped, 1) == 0)
        {
            // A test host stops twice.
            QueueLog.WorkerStopped(logger, worker.Blueprint.Name);
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
