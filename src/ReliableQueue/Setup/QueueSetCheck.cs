using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.State;

namespace ReliableQueue.Setup;

/// <summary>
/// Everything that can be wrong with the sets of an application, said at once: when the host makes its services, which is before it logs anything, or when the first
/// service of a set is asked for.
/// </summary>
internal sealed class QueueSetCheck(QueueSets sets, IServiceProvider services) : IHostedService
{
    private volatile bool isPassed;

    /// <exception cref="SetupException">With every fault of every set.</exception>
    public void Pass()
    {
        if (isPassed)
        {
            return;
        }

        List<string> unknown = [.. sets.All.SelectMany(set => set.UnknownKeys(services, sets.Names))];
        List<string> faults = [.. sets.All.SelectMany(FaultsOf), .. FaultsOfStateFiles(), .. FaultsOfJournals()];
        if (faults.Count > 0)
        {
            // A misspelt key may be what the faults come from.
            throw new SetupException([.. faults, .. unknown]);
        }

        if (unknown.Count > 0)
        {
            // No fault: a key of a newer version must not keep the older one from starting when a deployment is rolled back.
            QueueLog.UnknownKeys((services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("ReliableQueue.Setup"), string.Join(" ", unknown));
        }

        isPassed = true;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<string> FaultsOf(QueueSet set) => [.. FaultsOfBroker(set), .. set.FaultsOfOptions(services), .. FaultsOfQueues(set), .. FaultsOfHandlers(set), .. FaultsOfTimeouts(set), .. FaultsOfServices(set)];

    private static IEnumerable<string> FaultsOfBroker(QueueSet set)
    {
        if (set.Brokers.Count == 0)
        {
            var variable = set.HasWorker ? "worker" : "queue";
            yield return $"No broker is chosen for {set}. Add one of these lines: {variable}.UseRedis(\"localhost:6379\") from the package ReliableQueue.Redis, or "
                + $"{variable}.UseSqlite(\"queue.db\") from the package ReliableQueue.Sqlite.";
        }

        if (set.Brokers.Count > 1)
        {
            yield return $"{set.Brokers.Count} brokers are chosen for {set}: keep one of the calls of UseRedis, UseSqlite and UseBroker, or give each broker a set with a name of its own.";
        }
    }

    private static IEnumerable<string> FaultsOfQueues(QueueSet set) => set.Queues
        .Select(QueueName.FaultOf)
        .OfType<string>()
        .Concat(set.Queues
            .Where(queue => set.Handlers.TrueForAll(handler => handler.Queue != queue))
            .Select(queue => $"Options are set for queue '{queue}', but {set} has no handler for it."));

    private static IEnumerable<string> FaultsOfHandlers(QueueSet set)
    {
        if (set.HasWorker && set.Handlers.Count + set.WithoutQueue.Count == 0)
        {
            yield return $"{set} has no handler: add AddHandler<TMessage, THandler>(\"queue\"), or use AddReliableQueue if this application only enqueues.";
        }

        foreach (var type in set.WithoutQueue)
        {
            yield return MessageTypeAttribute.WithoutQueue(type);
        }

        // The depth only matters for messages; an invalid one is reported with the options.
        var serializer = new JsonMessageSerializer(set.JsonContexts, maxDepth: 64);
        foreach (var fault in set.Handlers.DistinctBy(handler => handler.MessageType).Select(handler => handler.FaultOf(set.Types, serializer)).OfType<string>())
        {
            yield return fault;
        }

        foreach (var twice in set.Handlers.GroupBy(handler => (handler.Queue, handler.MessageType)).Where(group => group.Count() > 1))
        {
            yield return $"{twice.Count()} handlers are registered for {twice.Key.MessageType} on queue '{twice.Key.Queue}': a message has one handler.";
        }
    }

    /// <summary>A misspelt type would run without the limit that was meant for it.</summary>
    private IEnumerable<string> FaultsOfTimeouts(QueueSet set) =>
        from unknown in set.TypesWithoutHandler(services)
        select $"HandlerTimeouts of queue '{unknown.Queue}' names the message type '{unknown.MessageType}', for which the queue has no handler.";

    /// <summary>A handler that cannot be constructed would be noticed at its first message, which then fails until it is dead-lettered.</summary>
    private IEnumerable<string> FaultsOfServices(QueueSet set)
    {
        if (MissingServices.In(services, set.Services) is not { } missing)
        {
            return [];
        }

        var ofEnqueuing = set.EnqueueMiddleware.SelectMany(step => missing.OfMiddleware(step.Type));
        var ofWorking = set.HasWorker && set.IsEnabled(services)
            ? set.Handlers.SelectMany(handler => handler.Lacks(missing)).Concat(set.MiddlewareOf(services).SelectMany(step => missing.OfMiddleware(step.Type)))
            : [];
        return ofWorking.Concat(ofEnqueuing).Distinct(StringComparer.Ordinal);
    }

    private IEnumerable<string> FaultsOfJournals() =>
        from set in sets.All
        where set.HasWorker && set.IsEnabled(services) && set.StateFilePath(services) == UnsavedState.Place
        from queue in set.QueuesWithJournal(services)
        select $"JournalCompletions of queue '{queue}' keeps completions in the state file, and {set} was told to keep none (WithoutStateFile).";

    private IEnumerable<string> FaultsOfStateFiles() =>
        from set in sets.All
        where set.HasWorker && set.IsEnabled(services)
        let path = set.StateFilePath(services)
        where path is not (null or UnsavedState.Place)
        group set by path into owners
        where owners.Count() > 1
        select $"{string.Join(" and ", owners)} have the same state file, '{owners.Key}': every worker needs one of its own.";
}

/// <summary>
/// The faults of a setup. Printed, it is their text alone: where it was thrown is a place in the framework, and twenty lines of that hide what is to be done.
/// </summary>
internal sealed class SetupException(IReadOnlyList<string> faults) : OptionsValidationException(Options.DefaultName, typeof(QueueSets), faults)
{
    public override string Message { get; } = faults.Count == 1
        ? $"The setup of ReliableQueue has a fault: {faults[0]}"
        : $"The setup of ReliableQueue has {faults.Count} faults:{string.Concat(faults.Select(fault => $"{Environment.NewLine}- {fault}"))}";

    public override string ToString() => Message;
}
