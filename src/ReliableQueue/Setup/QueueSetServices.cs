using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Life;
using ReliableQueue.Messages;
using ReliableQueue.Operating;
using ReliableQueue.Producing;

namespace ReliableQueue.Setup;

/// <summary>Registers the services of a set, unkeyed for the unnamed one, keyed by its name for the others, and builds them from the checked set.</summary>
internal static class QueueSetServices
{
    /// <summary>What all sets share. Called once, before any set is registered, so that nothing of another hosted service is said before the faults of the setup.</summary>
    public static void RegisterShared(IServiceCollection services, QueueSets sets)
    {
        services.TryAddSingleton(provider => new QueueMeter(provider.GetService<IMeterFactory>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueueOptions>, QueueOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MessageOptions>, MessageOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WorkerOptions>, WorkerOptionsCheck>());
        services.AddSingleton(provider => new QueueSetCheck(sets, provider));
        services.AddSingleton<IHostedService>(provider =>
        {
            var check = provider.GetRequiredService<QueueSetCheck>();
            check.Pass();
            DemandAbilities(sets.All, provider);
            return check;
        });
    }

    /// <summary>What producer and worker of a set share. Called once for each set.</summary>
    public static void Register(QueueSet set)
    {
        Add<IQueueBroker>(set, provider => Checked(set, provider).Brokers[0](provider));
        Add(set, provider => new ProducerLosses(TimeOf(provider)));
        Add(set, provider => OutageLog.OfBroker(Get<IQueueBroker>(set, provider).Info.Identity, TimeOf(provider), LoggersOf(provider).CreateLogger("ReliableQueue.Broker")));
        Add<IQueueClient>(set, provider => BuildClient(Checked(set, provider), provider));
        Add<IQueueOperator>(set, provider => BuildOperator(Checked(set, provider), provider));
    }

    /// <summary>The worker. Called once for each set that has one.</summary>
    public static void RegisterWorker(QueueSet set)
    {
        Add(set, provider => BuildBlueprint(Checked(set, provider), provider));
        Add(set, provider => BuildWorker(set, provider));
        set.Services.AddSingleton<IHostedService>(provider =>
        {
            var logger = LoggersOf(provider).CreateLogger<ReliableWorkerHost>();
            if (WorkerOf(set, provider) is { } worker)
            {
                return new ReliableWorkerHost(worker, logger);
            }

            QueueLog.WorkerDisabled(logger, set.Name);
            return provider.GetRequiredService<QueueSetCheck>();
        });
    }

    /// <summary>How healthy a set is, by its broker, its producer and its worker.</summary>
    public static ReliableQueueHealthCheck BuildHealthCheck(string name, IServiceProvider provider)
    {
        var set = provider.GetService<QueueSets>()?.Find(name)
            ?? throw new InvalidOperationException($"AddHealthChecks().AddReliableQueue(…) is called for {(name.Length == 0 ? "the unnamed set" : $"'{name}'")}, which nobody registered.");
        var whyIdle = set.HasWorker && !set.IsEnabled(provider) ? "The worker is switched off: Worker.Enabled is false." : null;
        return new ReliableQueueHealthCheck(Get<IQueueBroker>(set, provider), Get<ProducerLosses>(set, provider), WorkerOf(set, provider), whyIdle);
    }

    /// <summary>The worker of a set; null when it has none, or one that is switched off.</summary>
    private static ReliableWorker? WorkerOf(QueueSet set, IServiceProvider provider) =>
        Checked(set, provider).HasWorker && set.IsEnabled(provider) ? Get<ReliableWorker>(set, provider) : null;

    private static void Add<TService>(QueueSet set, Func<IServiceProvider, TService> build)
        where TService : class
    {
        _ = set.Name.Length == 0 ? set.Services.AddSingleton(build) : set.Services.AddKeyedSingleton(set.Name, (provider, _) => build(provider));
    }

    private static TService Get<TService>(QueueSet set, IServiceProvider provider)
        where TService : class => set.Name.Length == 0 ? provider.GetRequiredService<TService>() : provider.GetRequiredKeyedService<TService>(set.Name);

    /// <summary>Throws with every fault of the set, for applications that use the container without a host that validates at start.</summary>
    private static QueueSet Checked(QueueSet set, IServiceProvider provider)
    {
        provider.GetRequiredService<QueueSetCheck>().Pass();
        return set;
    }

    /// <summary>The broker of a set, which can do what the set asks for.</summary>
    private static IQueueBroker BrokerOf(QueueSet set, IServiceProvider provider)
    {
        DemandAbilities([set], provider);
        return Get<IQueueBroker>(set, provider);
    }

    /// <summary>Throws with all that sets need and their brokers cannot do. A broker is opened for it only when a set needs something.</summary>
    private static void DemandAbilities(IReadOnlyCollection<QueueSet> sets, IServiceProvider provider)
    {
        List<string> lacks = [.. sets.Where(set => set.Needs.Count > 0).SelectMany(set => set.LacksOf(Get<IQueueBroker>(set, provider).Info))];
        if (lacks.Count > 0)
        {
            throw new SetupException(lacks);
        }
    }

    private static QueueClient BuildClient(QueueSet set, IServiceProvider provider)
    {
        var options = OptionsOf(set, provider);
        var surroundings = SurroundingsOf(set, provider, "ReliableQueue.QueueClient");
        var encoder = new MessageEncoder(set.Types, SerializerOf(set, options), options.ToLimits(), surroundings.Time, [.. set.EnqueueMiddleware.Select(step => step.In(provider))]);
        return new QueueClient(
            encoder, BrokerOf(set, provider), options.EnqueueTimeout, surroundings, Get<ProducerLosses>(set, provider), new CancellationTokenSource());
    }

    private static QueueOperator BuildOperator(QueueSet set, IServiceProvider provider)
    {
        var options = OptionsOf(set, provider);
        var settings = new OperatorSettings(options.EnqueueTimeout, options.ToLimits(), SerializerOf(set, options));
        return new QueueOperator(BrokerOf(set, provider), settings, SurroundingsOf(set, provider, "ReliableQueue.Operator"));
    }

    private static WorkerBlueprint BuildBlueprint(QueueSet set, IServiceProvider provider)
    {
        var options = OptionsOf(set, provider);
        var serializer = SerializerOf(set, options);
        var queueOptions = provider.GetRequiredService<IOptionsMonitor<QueueOptions>>();
        var worker = provider.GetRequiredService<IOptionsMonitor<WorkerOptions>>().Get(set.Name);
        var queues =
            from handlers in set.Handlers.GroupBy(handler => handler.Queue, StringComparer.Ordinal)
            let queue = queueOptions.Get(OptionsOwner.NameOf(set.Name, handlers.Key))
            select queue
                .ToBlueprint(QueueName.Parse(handlers.Key), options.ToLimits(), [.. handlers.Select(handler => handler.Build(set.Types, serializer, queue))])
                .Inside(set.Middleware);
        return new WorkerBlueprint(
            set.Name,
            BrokerOf(set, provider),
            new StateFileBlueprint(
                set.StateFilePath(provider) ?? throw new InvalidOperationException("The options of the worker were not checked."), set.StateFileKey(provider), worker.StateFileWait),
            worker.DrainTimeout,
            [.. queues]);
    }

    private static ReliableWorker BuildWorker(QueueSet set, IServiceProvider provider)
    {
        var blueprint = Get<WorkerBlueprint>(set, provider);
        return ReliableWorker.OfApplication(blueprint, SurroundingsOf(set, provider, "ReliableQueue.Worker"));
    }

    private static Surroundings SurroundingsOf(QueueSet set, IServiceProvider provider, string category) => new(
        provider.GetRequiredService<IServiceScopeFactory>(), TimeOf(provider), RandomOf(provider), LoggersOf(provider).CreateLogger(category), provider.GetRequiredService<QueueMeter>())
    {
        BrokerOutage = Get<OutageLog>(set, provider),
    };

    private static MessageOptions OptionsOf(QueueSet set, IServiceProvider provider) =>
        provider.GetRequiredService<IOptionsMonitor<MessageOptions>>().Get(set.Name);

    private static JsonMessageSerializer SerializerOf(QueueSet set, MessageOptions options) => new(set.JsonContexts, options.MaxDepth);

    private static TimeProvider TimeOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static IRandomSource RandomOf(IServiceProvider provider) => provider.GetService<IRandomSource>() ?? SystemRandomSource.Instance;

    private static ILoggerFactory LoggersOf(IServiceProvider provider) => provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
}
