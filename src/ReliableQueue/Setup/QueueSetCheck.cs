using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ReliableQueue.Working.Life;
using ReliableQueue.Messages;

namespace ReliableQueue.Setup;

/// <summary>Everything that can be wrong with one set, said at once when the host starts, or when the first of its services is asked for.</summary>
internal sealed class QueueSetCheck(QueueSet set, QueueSets sets, IServiceProvider services) : IValidateOptions<QueueSetSetup>
{
    public ValidateOptionsResult Validate(string? name, QueueSetSetup options)
    {
        if (name != set.Name)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> faults = [.. FaultsOfBroker(), .. FaultsOfOptions(), .. FaultsOfQueues(), .. FaultsOfHandlers(), .. FaultsOfStateFile()];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> FaultsOfBroker()
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

        foreach (var fault in set.Brokers.SelectMany(FaultsOf))
        {
            yield return fault;
        }
    }

    private IReadOnlyList<string> FaultsOf(QueueSetBroker broker)
    {
        try
        {
            return [.. broker.Check?.Invoke(services) ?? []];
        }
        catch (InvalidOperationException exception)
        {
            // A value in the configuration that cannot be converted. The text names its path.
            return [exception.Message];
        }
    }

    private IEnumerable<string> FaultsOfOptions()
    {
        var faults = FaultsOf<MessageOptions>(set.Name);
        if (set.HasWorker)
        {
            faults = faults.Concat(FaultsOf<WorkerOptions>(set.Name));
        }

        return faults.Concat(set.Queues.SelectMany(queue => FaultsOf<QueueOptions>(OptionsOwner.NameOf(set.Name, queue))));
    }

    private IEnumerable<string> FaultsOf<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(string name)
        where TOptions : class
    {
        try
        {
            _ = services.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name);
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
        catch (InvalidOperationException exception)
        {
            // A value in the configuration that is no number, time span or boolean. The text names its path.
            return [exception.Message];
        }
    }

    private IEnumerable<string> FaultsOfQueues() => set.Queues
        .Select(QueueName.FaultOf)
        .OfType<string>()
        .Concat(set.Queues
            .Where(queue => set.Handlers.TrueForAll(handler => handler.Queue != queue))
            .Select(queue => $"Options are set for queue '{queue}', but {set} has no handler for it."));

    private IEnumerable<string> FaultsOfHandlers()
    {
        if (set.HasWorker && set.Handlers.Count == 0)
        {
            yield return $"{set} has no handler: add AddHandler<TMessage, THandler>(\"queue\"), or use AddReliableQueue if this application only enqueues.";
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

    private IEnumerable<string> FaultsOfStateFile()
    {
        if (!set.HasWorker || FaultsOf<WorkerOptions>(set.Name).Any())
        {
            yield break;
        }

        var path = StateFilePath.Of(set, services);
        foreach (var other in sets.All.Where(other => other != set && other.HasWorker && !FaultsOf<WorkerOptions>(other.Name).Any()))
        {
            if (string.Equals(StateFilePath.Of(other, services), path, StringComparison.Ordinal))
            {
                yield return $"{set} and {other} have the same state file, '{path}': every worker needs one of its own.";
            }
        }
    }
}
