using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Diagnostics;
using ReliableQueue.Setup;
using ReliableQueue.Working.Life;
using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Handle;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;
using ReliableQueue.State;

namespace ReliableQueue.Simulation.Workers;

/// <summary>One queue of one run of a worker: the real worker of a queue, with a number of its own in the history.</summary>
internal sealed class QueueRun(int number, QueueName queue, Process process, BrokerLink link, DiskState state, Handlers handlers, Chance chance, History history, SimulationOptions options)
    : IDisposable
{
    private static readonly MessageLimits Limits = new(1024, 4, 256);
    private static readonly Scopes Scopes = new();

    private QueueWorker? worker;
    private bool isStopAsked;

    public static QueueMeter Meter { get; } = new();

    public int Number => number;

    public QueueName Queue => queue;

    public BrokerLink Link => link;

    public bool HasReportedLoss => worker?.Losses.LastSeen is not null;

    public int InHand => worker?.InHand ?? 0;

    public bool HasFreeSlot => InHand < options.Concurrency;

    /// <summary>Nothing of earlier runs is left to be done.</summary>
    public bool IsStateEmptied => state.IsEmptied(Scope);

    public StateScope Scope => new(link.Info.Identity, queue);

    public void Build(LeaseKeeper keeper)
    {
        var registration = new HandlerRegistration<int>(
            "work", body => BitConverter.ToInt32(body.Span), (_, message, context, cancellationToken) => handlers.HandleAsync(message, context, cancellationToken));
        var blueprint = QueueOptionsOf(options).ToBlueprint(queue, Limits, [registration]);
        var surroundings = new Surroundings(Scopes, process.Clock, chance, NullLogger.Instance, Meter);
        worker = new QueueWorker(blueprint, new WorkerBlueprint("", link, new StateFileBlueprint("", "", TimeSpan.Zero), options.DrainTimeout, [blueprint]), state, keeper, surroundings);
    }

    public async Task RunAsync()
    {
        if (worker is not null)
        {
            await worker.RunAsync(options.DrainTimeout);
            history.Add(What.Stopped, number);
        }
    }

    public void Stop()
    {
        if (!isStopAsked)
        {
            isStopAsked = true;
            history.Add(What.StopAsked, number);
        }

        worker?.Stop();
    }

    public void Dispose() => worker?.Dispose();

    private static QueueOptions QueueOptionsOf(SimulationOptions options) => new()
    {
        Concurrency = options.Concurrency,
        VisibilityTimeout = options.VisibilityTimeout,
        Retry = { MaxDeliveries = options.MaxDeliveries, Delay = options.RetryDelay, MaxDelay = options.MaxRetryDelay },
        HandlerTimeout = options.HandlerTimeout,
        HandlerGrace = options.HandlerGrace,
        PollInterval = options.PollInterval,
        JournalCompletions = options.JournalCompletions,
    };
}
