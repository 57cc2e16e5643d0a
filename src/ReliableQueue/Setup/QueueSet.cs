using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.State;
using ReliableQueue.Working.Handle;

namespace ReliableQueue.Setup;

/// <summary>What the calls of the application have asked for one set, until the container is built. Options: configuration first, then code, so that code wins.</summary>
internal sealed class QueueSet
{
    private static readonly ConfigurationRoot Nothing = new([]);

    private readonly SortedSet<string> queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<IServiceProvider, IReadOnlyList<string>>> checks = new(StringComparer.Ordinal);
    private readonly ConfigurationKeys keys = new();

    public QueueSet(string name, IServiceCollection services)
    {
        Name = name;
        Services = services;
        AddOptions<MessageOptions>("Messages", static (section, options) => section.Bind(options));
        AddOptions<WorkerOptions>("Worker", static (section, options) => section.Bind(options));
        keys.Add("DataDirectory");
        keys.AddOptionsOf<QueueOptions>("Queues", "*");
        keys.AddOptionsOf<RetryOptions>("Queues", "*", nameof(QueueOptions.Retry));
        keys.AddOptionsOf<BatchOptions>("Queues", "*", nameof(QueueOptions.Batch));
    }

    public string Name { get; }

    public IServiceCollection Services { get; }

    public bool HasWorker { get; private set; }

    public IConfiguration? Configuration { get; set; }

    public string? DataDirectory { get; set; }

    public List<Func<IServiceProvider, IQueueBroker>> Brokers { get; } = [];

    public List<HandlerPlan> Handlers { get; } = [];

    /// <summary>Message types that have a handler and name no queue, where the call named none either.</summary>
    public List<Type> WithoutQueue { get; } = [];

    public List<JsonSerializerContext> JsonContexts { get; } = [];

    /// <summary>What runs around the handlers of every queue, in order.</summary>
    public List<MiddlewareStep> Middleware { get; } = [];

    /// <summary>What adds headers to what is enqueued, in order.</summary>
    public List<EnqueueMiddlewareStep> EnqueueMiddleware { get; } = [];

    /// <summary>What options and registrations need of the broker, each under the name of the option or call.</summary>
    public List<(string Option, BrokerAbilities Abilities)> Needs { get; } = [];

    public MessageTypes Types { get; } = new();

    /// <summary>Every queue that is handled or has options.</summary>
    public IReadOnlyCollection<string> Queues => queues;

    /// <summary>How the set is named in a text: the call that made it.</summary>
    public override string ToString() => (HasWorker ? "AddReliableWorker" : "AddReliableQueue") + (Name.Length == 0 ? "(…)" : $"(\"{Name}\", …)");

    public void AddWorker()
    {
        if (!HasWorker)
        {
            HasWorker = true;
            QueueSetServices.RegisterWorker(this);
        }
    }

    /// <summary>Adds a handler; without a queue it is a fault, told at start.</summary>
    public void AddHandler<TMessage>(string? queue, Func<string, HandlerPlan> plan, Action<QueueOptions>? configure)
    {
        AddWorker();
        if (queue is null)
        {
            WithoutQueue.Add(typeof(TMessage));
            return;
        }

        Handlers.Add(plan(queue));
        Configure(queue, configure);
    }

    public void Configure(string queue, Action<QueueOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var options = Services.AddOptions<QueueOptions>(OptionsOwner.NameOf(Name, queue));
        if (queues.Add(queue))
        {
            options.Configure<IServiceProvider>((bound, provider) =>
            {
                var section = SectionFor(provider).GetSection("Queues");
                section.GetSection(queue).Bind(bound);
                if (SpellingOf(queue) is { } spelling)
                {
                    section.GetSection(spelling).Bind(bound);
                }
            });
        }

        if (configure is not null)
        {
            options.Configure(configure);
        }
    }

    public OptionsBuilder<TOptions> AddOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor | DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(
        string section, Action<IConfigurationSection, TOptions> bind)
        where TOptions : class
    {
        var options = Services.AddOptions<TOptions>(Name);
        if (!checks.TryAdd(section, services => FaultsOf<TOptions>(services, Name)))
        {
            return options;
        }

        keys.AddOptionsOf<TOptions>(section);
        return options.Configure<IServiceProvider>((bound, provider) => bind(SectionFor(provider).GetSection(section), bound));
    }

    /// <summary>
    /// The keys of its configuration that nothing reads, each a sentence. Sections of brokers that were not chosen are not looked into: a file may hold several, and the
    /// application one switch.
    /// </summary>
    public IEnumerable<string> UnknownKeys(IServiceProvider services, IReadOnlyCollection<string> sets)
    {
        var section = SectionFor(services);
        var unknown = keys.Unknown(section, ["Sets", .. ((string[])["Redis", "Sqlite"]).Where(broker => !checks.ContainsKey(broker))]);
        return unknown
            .Concat(HasWorker ? ConfigurationKeys.Misspelt(section.GetSection("Queues"), [.. queues, .. queues.Select(SpellingOf).OfType<string>()], "queue") : [])
            .Concat(ConfigurationKeys.Misspelt(section.GetSection("Sets"), sets, "set"));
    }

    /// <summary>Everything that is wrong with the options of the set, each fault a sentence.</summary>
    public IEnumerable<string> FaultsOfOptions(IServiceProvider services) =>
        checks.Where(check => HasWorker || check.Key != "Worker").SelectMany(check => check.Value(services))
            .Concat(queues.SelectMany(queue => FaultsOf<QueueOptions>(services, OptionsOwner.NameOf(Name, queue))))
            .Concat(FaultsOfSpelling(services));

    private IEnumerable<string> FaultsOfSpelling(IServiceProvider services) =>
        from spelt in queues.ToLookup(SpellingOf, StringComparer.Ordinal)
        where spelt.Key is not null && spelt.Count() > 1
        let section = SectionFor(services).GetSection("Queues").GetSection(spelt.Key)
        where section.Exists()
        select $"{section.Path} may mean any of the queues '{string.Join("', '", spelt)}': write their names in full.";

    /// <summary>What is asked of the broker of the set and it cannot do, each a sentence.</summary>
    public IEnumerable<string> LacksOf(BrokerInfo broker) =>
        from need in Needs
        let lack = broker.LackOf(need.Abilities)
        where lack is not null
        select $"{need.Option} of {this} needs more than its broker can do. {lack} Leave it out, or choose a broker that can.";

    /// <summary>The middleware of the set, and of its queues as far as their options can be read.</summary>
    public IEnumerable<MiddlewareStep> MiddlewareOf(IServiceProvider services) =>
        Middleware.Concat(ReadableOptions(services).SelectMany(queue => queue.Options.GetMiddleware()));

    /// <summary>Whether the worker is to run, as far as its options can be read.</summary>
    public bool IsEnabled(IServiceProvider services) =>
        FaultsOf<WorkerOptions>(services, Name).Count > 0 || services.GetRequiredService<IOptionsMonitor<WorkerOptions>>().Get(Name).Enabled;

    /// <summary>The full path of the state file, or <see cref="UnsavedState.Place"/>; null when the options that name it have faults.</summary>
    public string? StateFilePath(IServiceProvider services)
    {
        if (FaultsOf<WorkerOptions>(services, Name).Count > 0)
        {
            return null;
        }

        var path = services.GetRequiredService<IOptionsMonitor<WorkerOptions>>().Get(Name).StateFile ?? Path.Combine("state", (Name.Length == 0 ? "worker" : Name) + ".db");
        return path.Equals(UnsavedState.Place, StringComparison.OrdinalIgnoreCase) ? UnsavedState.Place : FullPath(path, services);
    }

    /// <summary>The key that sets the path of the state file in the application's configuration.</summary>
    public string StateFileKey(IServiceProvider services) => SectionFor(services) is IConfigurationSection section ? $"{section.Path}:Worker:StateFile" : "Worker:StateFile";

    /// <summary>The queues whose completions are to be journalled, as far as their options can be read.</summary>
    public IEnumerable<string> QueuesWithJournal(IServiceProvider services) =>
        ReadableOptions(services).Where(queue => queue.Options.JournalCompletions).Select(queue => queue.Name);

    /// <summary>The message types that options of queues name and that no handler of the queue takes.</summary>
    public IEnumerable<(string Queue, string MessageType)> TypesWithoutHandler(IServiceProvider services) =>
        from queue in ReadableOptions(services)
        from type in queue.Options.HandlerTimeouts.Keys
        where !Handlers.Exists(handler => handler.Queue == queue.Name && Types.FaultOf(handler.MessageType) is null && Types.NameOf(handler.MessageType) == type)
        select (queue.Name, type);

    /// <summary>A relative path counts from the data directory, which counts from the content root.</summary>
    public string FullPath(string path, IServiceProvider services)
    {
        var root = services.GetService<IHostEnvironment>()?.ContentRootPath is { Length: > 0 } found ? Path.GetFullPath(found) : AppContext.BaseDirectory;
        var folder = DataDirectory ?? SectionFor(services)["DataDirectory"] ?? services.GetService<IConfiguration>()?["ReliableQueue:DataDirectory"];
        return Path.GetFullPath(path, string.IsNullOrWhiteSpace(folder) ? root : Path.GetFullPath(folder, root));
    }

    /// <summary>The queues whose options have no fault, with them.</summary>
    private IEnumerable<(string Name, QueueOptions Options)> ReadableOptions(IServiceProvider services) =>
        from queue in queues
        let name = OptionsOwner.NameOf(Name, queue)
        where FaultsOf<QueueOptions>(services, name).Count == 0
        select (queue, services.GetRequiredService<IOptionsMonitor<QueueOptions>>().Get(name));

    private static IReadOnlyList<string> FaultsOf<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        IServiceProvider services, string name)
        where TOptions : class
    {
        try
        {
            _ = services.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name);
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
        catch (InvalidOperationException exception)
        {
            // A value in the configuration that is no number, time span or boolean. The text names its path.
            return [exception.Message];
        }
    }

    /// <summary>
    /// How a queue is written where no key may have '-' or '.', as in the environment: with '_' instead. Null when that is the same, or the name of another queue here.
    /// </summary>
    private string? SpellingOf(string queue) => queue.Replace('-', '_').Replace('.', '_') is var spelling && queues.Contains(spelling) ? null : spelling;

    // The generator that replaces reflection when binding sees plain calls only, hence an empty section rather than none.
    private IConfiguration SectionFor(IServiceProvider provider) =>
        Configuration ?? provider.GetService<IConfiguration>()?.GetSection(Name.Length == 0 ? "ReliableQueue" : "ReliableQueue:Sets:" + Name) ?? (IConfiguration)Nothing;
}

/// <summary>The sets of one service collection, by name: a second call with the same name adds to the first.</summary>
internal sealed class QueueSets
{
    private readonly Dictionary<string, QueueSet> sets = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<QueueSet> All => sets.Values;

    public IReadOnlyCollection<string> Names => sets.Keys;

    /// <summary>The set of that name; null when there is none.</summary>
    public QueueSet? Find(string name) => sets.GetValueOrDefault(name);

    /// <summary>The set of that name, made and registered when it is new.</summary>
    public static QueueSet Of(IServiceCollection services, string name)
    {
        var known = services.FirstOrDefault(service => service.ServiceType == typeof(QueueSets))?.ImplementationInstance as QueueSets;
        if (known is null)
        {
            services.AddSingleton(known = new QueueSets());
            QueueSetServices.RegisterShared(services, known);
        }

        if (!known.sets.TryGetValue(name, out var set))
        {
            known.sets.Add(name, set = new QueueSet(name, services));
            QueueSetServices.Register(set);
        }

        return set;
    }
}
