using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ReliableQueue.Broker;
using ReliableQueue.Setup;
using ReliableQueue.Working.Handle;

namespace ReliableQueue;

/// <summary>Puts together a producer and a worker: <c>AddReliableWorker</c>.</summary>
public sealed partial class ReliableWorkerBuilder : IReliableQueueBuilder
{
    private readonly QueueSet set;

    internal ReliableWorkerBuilder(QueueSet set) => this.set = set;

    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public IServiceCollection Services => set.Services;

    /// <summary>Sets the worker's state file. Default: <c>state/worker.db</c>, or <c>state/{name}.db</c>.</summary>
    /// <param name="path">On a disk that outlives the process; a relative path counts from the content root. Every worker instance needs one of its own.</param>
    public ReliableWorkerBuilder StateFile(string path) => ConfigureWorker(options => options.StateFile = path);

    /// <summary>Sets what all queues of the worker share.</summary>
    /// <param name="configure">Called after the configuration was bound.</param>
    public ReliableWorkerBuilder ConfigureWorker(Action<WorkerOptions> configure)
    {
        set.Services.AddOptions<WorkerOptions>(set.Name).Configure(configure);
        return this;
    }

    /// <summary>Sets the options of a queue that has a handler.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="configure">Called after the configuration was bound, in the order of the calls.</param>
    public ReliableWorkerBuilder ConfigureQueue(string queue, Action<QueueOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        set.Configure(queue, configure);
        return this;
    }

    /// <summary>Adds a middleware around the handlers of every queue of the worker, inside those added before.</summary>
    /// <typeparam name="TMiddleware">Taken from the delivery's service scope; registered as scoped unless it is registered already.</typeparam>
    public ReliableWorkerBuilder Use<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IDeliveryMiddleware
    {
        Services.TryAddScoped<TMiddleware>();
        set.Middleware.Add(MiddlewareStep.Of<TMiddleware>());
        return this;
    }

    /// <summary>Chooses a broker of your own. Exactly one broker is chosen for a set.</summary>
    /// <param name="open">Opens the broker, once; the container disposes it.</param>
    public ReliableWorkerBuilder UseBroker(Func<IServiceProvider, IQueueBroker> open)
    {
        set.AddBroker(open, null);
        return this;
    }

    /// <summary>Binds all options from this section instead of <c>ReliableQueue</c> (<c>ReliableQueue:Sets:{name}</c>) of the application's configuration. Code still wins.</summary>
    /// <param name="configuration">The section; queues are at <c>Queues:{queue}</c> in it.</param>
    public ReliableWorkerBuilder UseConfiguration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        set.Configuration = configuration;
        return this;
    }

    /// <summary>Sets the limits of messages and how long enqueuing tries.</summary>
    /// <param name="configure">Called after the configuration was bound.</param>
    public ReliableWorkerBuilder ConfigureMessages(Action<MessageOptions> configure)
    {
        set.Services.AddOptions<MessageOptions>(set.Name).Configure(configure);
        return this;
    }

    /// <summary>
    /// Adds a source-generated context. Types in it are written and read with its options; needed for every message type in trimmed and native builds, and faster elsewhere.
    /// </summary>
    /// <param name="context">The context, for example <c>MessagesJsonContext.Default</c>. The first that knows a type is used.</param>
    public ReliableWorkerBuilder AddJsonContext(JsonSerializerContext context)
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
