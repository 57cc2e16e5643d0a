using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;
using ReliableQueue.Setup;

namespace ReliableQueue;

/// <summary>Puts together a producer: <c>AddReliableQueue</c>.</summary>
public sealed class ReliableQueueBuilder : IReliableQueueBuilder
{
    private readonly QueueSet set;

    internal ReliableQueueBuilder(QueueSet set) => this.set = set;

    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public IServiceCollection Services => set.Services;

    /// <summary>Chooses a broker of your own. Exactly one broker is chosen for a set.</summary>
    /// <param name="open">Opens the broker, once; the container disposes it.</param>
    public ReliableQueueBuilder UseBroker(Func<IServiceProvider, IQueueBroker> open)
    {
        set.AddBroker(open, null);
        return this;
    }

    /// <summary>Binds all options from this section instead of <c>ReliableQueue</c> (<c>ReliableQueue:Sets:{name}</c>) of the application's configuration. Code still wins.</summary>
    /// <param name="configuration">The section; queues are at <c>Queues:{queue}</c> in it.</param>
    public ReliableQueueBuilder UseConfiguration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        set.Configuration = configuration;
        return this;
    }

    /// <summary>Sets the limits of messages and how long enqueuing tries.</summary>
    /// <param name="configure">Called after the configuration was bound.</param>
    public ReliableQueueBuilder ConfigureMessages(Action<MessageOptions> configure)
    {
        set.Services.AddOptions<MessageOptions>(set.Name).Configure(configure);
        return this;
    }

    /// <summary>
    /// Adds a source-generated context. Types in it are written and read with its options; needed for every message type in trimmed and native builds, and faster elsewhere.
    /// </summary>
    /// <param name="context">The context, for example <c>MessagesJsonContext.Default</c>. The first that knows a type is used.</param>
    public ReliableQueueBuilder AddJsonContext(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        set.JsonContexts.Add(context);
        return this;
    }

    /// <inheritdoc/>
    void IReliableQueueBuilder.AddBroker(Func<IServiceProvider, IQueueBroker> open, Func<IServiceProvider, IEnumerable<string>>? check) => set.AddBroker(open, check);

    /// <inheritdoc/>
    IConfiguration? IReliableQueueBuilder.FindConfiguration(IServiceProvider services) => set.FindConfiguration(services);
}
