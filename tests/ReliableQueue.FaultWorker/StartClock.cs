using Microsoft.Extensions.Hosting;
using ReliableQueue.Working.Life;

namespace ReliableQueue.FaultWorker;

/// <summary>Notes when the host begins to start, before the worker, and tells when it has started.</summary>
internal sealed class StartClock(EffectLog effects, WorkerBlueprint blueprint) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        effects.WriteHost(blueprint.StateFile.Path);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        effects.Tell("ready");
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
