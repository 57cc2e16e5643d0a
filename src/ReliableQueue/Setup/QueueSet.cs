using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ReliableQueue.Broker;
using ReliableQueue.Working.Life;
using ReliableQueue.Messages;
using ReliableQueue.Working.Handle;

namespace ReliableQueue.Setup;

/// <summary>What the calls of the application have asked for one set, until the container is built. Options: configuration first, then code, so that code wins.</summary>
internal sealed class QueueSet
{
    private static readonly ConfigurationRoot Nothing = new([]);

    private readonly SortedSet<string> queues = new(StringComparer.Ordinal);

    public QueueSet(string name, IServiceCollection services)
    {
        Name = name;
        Services = services;
        services.AddOptions<MessageOptions>(name).Configure<IServiceProvider>((options, provider) => SectionFor(provider).GetSection("Messages").Bind(options));
        services.AddOptions<WorkerOptions>(name).Configure<IServiceProvider>((options, provider) => SectionFor(provider).GetSection("Worker").Bind(options));
    }

    public string Name { get; }

    public IServiceCollection Services { get; }

    public bool HasWorker { get; set; }

    public IConfiguration? Configuration { get; set; }

    public List<QueueSetBroker> Brokers { get; } = [];

    public List<HandlerPlan> Handlers { get; } = [];

    public List<JsonSerializerContext> JsonContexts { get; } = [];

    /// <summary>What runs around the handlers of every queue, in order.</summary>
    public List<MiddlewareStep> Middleware { get; } = [];

    public MessageTypes Types { get; } = new();

    /// <summary>Every queue that is handled or has options.</summary>
    public IReadOnlyCollection<string> Queues => queues;

    /// <summary>How the set is named in a text: the call that made it.</summary>
    public override string ToString() => (HasWorker ? "AddReliableWorker" : "AddReliableQueue") + (Name.Length == 0 ? "(…)" : $"(\"{Name}\", …)");

    public IConfiguration? FindConfiguration(IServiceProvider provider) =>
        Configuration ?? provider.GetService<IConfiguration>()?.GetSection(Name.Length == 0 ? "ReliableQueue" : "ReliableQueue:Sets:" + Name);

    public void AddHandler(HandlerPlan handler, Action<QueueOptions>? configure)
    {
        Handlers.Add(handler);
        Configure(handler.Queue, configure);
    }

    public void Configure(string queue, Action<QueueOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var options = Services.AddOptions<QueueOptions>(OptionsOwner.NameOf(Name, queue));
        if (queues.Add(queue))
        {
            options.Configure<IServiceProvider>((bound, provider) => SectionFor(provider).GetSection("Queues").GetSection(queue).Bind(bound));
        }

        if (configure is not null)
        {
            options.Configure(configure);
        }
    }

    public void AddBroker(Func<IServiceProvider, IQueueBroker> open, Func<IServiceProvider, IEnumerable<string>>? check)
    {
        ArgumentNullException.ThrowIfNull(open);
        Brokers.Add(new QueueSetBroker(open, check));
    }

    // The generator that replaces reflection when binding sees plain calls only, hence an empty section rather than none.
    private IConfiguration SectionFor(IServiceProvider provider) => FindConfiguration(provider) ?? Nothing;
}
