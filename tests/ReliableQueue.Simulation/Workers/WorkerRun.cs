using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Diagnostics;
using ReliableQueue.Hosting;
using ReliableQueue.Messages;
using ReliableQueue.Pipeline.Leasing;
using ReliableQueue.Pipeline.Processing;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;
using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>One run of a worker, from its start to its stop or its death: the real worker of one queue, on its own clock and its own turns.</summary>
internal sealed class WorkerRun : IDisposable
{
    public static readonly QueueName Queue = QueueName.Parse("work");

    private static readonly MessageLimits Limits = new(1024, 4, 256);
    private static readonly QueueMeter Meter = new();
    private static readonly Scopes Scopes = new();

    private readonly History history;
    private readonly DiskState state;
    private readonly LeaseKeeper keeper;
    private readonly Task running;
    private QueueWorker? worker;

    public WorkerRun(int number, Process process, BrokerLink link, DiskState state, Handlers handlers, Chance chance, History history, SimulationOptions options)
    {
        (Number, Process, Link, this.state, this.history) = (number, process, link, state, history);
        var registration = new HandlerRegistration<int>(
            "work", body => BitConverter.ToInt32(body.Span), (_, message, context, cancellationToken) => handlers.HandleAsync(message, context, cancellationToken));
        var queue = new QueueBlueprint(Queue, QueueOptionsOf(options), [registration]);
        var blueprint = new WorkerBlueprint("", link, new ReliableWorkerOptions(), "", Limits, [queue]);
        var seams = new WorkerSeams(Scopes, process.Clock, chance, NullLogger.Instance, Meter);
        keeper = new LeaseKeeper(link, Meter, process.Clock, NullLogger.Instance);
        running = process.Turns.Start(() =>
        {
            worker = new QueueWorker(queue, blueprint, state, keeper, seams);
            process.Do(StepKeeper);
            return RunAsync(worker, options.DrainTimeout);
        });
    }

    public int Number { get; }

    public Process Process { get; }

    public BrokerLink Link { get; }

    /// <summary>Whether its first turn was taken: before that there is nothing to stop.</summary>
    public bool IsBegun => worker is not null;

    public bool IsStopped => running.IsCompleted;

    public bool HasReportedLoss => worker?.Watch.LastSeen is not null;

    public int InHand => worker?.InHand ?? 0;

    /// <summary>Nothing of earlier runs is left to be done.</summary>
    public bool IsStateEmptied => state.IsEmptied(new StateScope(Link.Identity, Queue));

    /// <summary>SIGTERM.</summary>
    public void Stop() => Process.Do(() =>
    {
        if (worker is not null)
        {
            history.Add(What.StopAsked, Number);
            Process.Turns.Start(() =>
            {
                worker.Stop();
                return Task.CompletedTask;
            });
        }
    });

    public void Dispose() => worker?.Dispose();

    private static QueueOptions QueueOptionsOf(SimulationOptions options) => new()
    {
        Concurrency = options.Concurrency,
        VisibilityTimeout = options.VisibilityTimeout,
        MaxDeliveries = options.MaxDeliveries,
        RetryDelay = options.RetryDelay,
        MaxRetryDelay = options.MaxRetryDelay,
        HandlerTimeout = options.HandlerTimeout,
        HandlerGrace = options.HandlerGrace,
        PollInterval = options.PollInterval,
        JournalCompletions = options.JournalCompletions,
    };

    private async Task RunAsync(QueueWorker queueWorker, TimeSpan drainTimeout)
    {
        await queueWorker.RunAsync(drainTimeout);
        history.Add(What.Stopped, Number);
    }

    /// <summary>The thread of the keeper: it steps, waits as long as it was told, and steps again, whatever the tasks do.</summary>
    private void StepKeeper()
    {
        if (!running.IsCompleted)
        {
            var pause = keeper.Step();
            Process.After(pause, StepKeeper);
        }
    }
}
