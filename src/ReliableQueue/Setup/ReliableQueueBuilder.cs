using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ReliableQueue.Broker;
using ReliableQueue.Setup;
using ReliableQueue.State;
using ReliableQueue.Working.Handle;

namespace ReliableQueue;

/// <summary>
/// Puts together one set of broker, producer and worker: what <c>AddReliableQueue</c> and <c>AddReliableWorker</c> pass. A handler makes the application a worker.
/// Broker packages extend it: <c>UseRedis</c>, <c>UseSqlite</c>.
/// </summary>
public sealed partial class ReliableQueueBuilder
{
    private readonly QueueSet set;

    internal ReliableQueueBuilder(QueueSet set) => this.set = set;

    /// <summary>The name of the set, which is the key of its services; empty for the unnamed one.</summary>
    public string Name => set.Name;

    /// <summary>Where services are registered.</summary>
    public IServiceCollection Services => set.Services;

    /// <summary>Chooses a broker of your own. Exactly one broker is chosen for a set; none or two are an error at start.</summary>
    /// <param name="open">Opens the broker, once; the container disposes it.</param>
    [Experimental("RQ001")]
    public ReliableQueueBuilder UseBroker(Func<IServiceProvider, IQueueBroker> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        set.Brokers.Add(open);
        return this;
    }

    /// <summary>
    /// Says what the application needs of its broker besides what every broker can do. A broker that lacks one of these abilities keeps the host from starting, with the
    /// ability and the broker in the text; without this call the application learns so from the first call that needs the ability. Default: nothing is needed.
    /// </summary>
    /// <param name="abilities">The abilities.</param>
    [Experimental("RQ001")]
    public ReliableQueueBuilder RequireAbilities(BrokerAbilities abilities)
    {
        set.Needs.Add(($"{nameof(RequireAbilities)}({abilities})", abilities));
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
        Services.AddOptions<MessageOptions>(Name).Configure(configure);
        return this;
    }

    /// <summary>Sets what all queues of the worker share.</summary>
    /// <param name="configure">Called after the configuration was bound.</param>
    public ReliableQueueBuilder ConfigureWorker(Action<WorkerOptions> configure)
    {
        Services.AddOptions<WorkerOptions>(Name).Configure(configure);
        return this;
    }

    /// <summary>Adds a middleware around the handlers of every queue of the worker, inside those added before.</summary>
    /// <typeparam name="TMiddleware">Taken from the delivery's service scope; registered as scoped unless it is registered already.</typeparam>
    public ReliableQueueBuilder Use<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IDeliveryMiddleware
    {
        Services.TryAddScoped<TMiddleware>();
        set.Middleware.Add(MiddlewareStep.Of<TMiddleware>());
        return this;
    }

    /// <summary>Adds a middleware that may add headers to everything the application enqueues, after those added before.</summary>
    /// <typeparam name="TMiddleware">Taken from the container once; registered as a singleton unless it is registered already.</typeparam>
    public ReliableQueueBuilder UseOnEnqueue<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IEnqueueMiddleware
    {
        Services.TryAddSingleton<TMiddleware>();
        set.EnqueueMiddleware.Add(new EnqueueMiddlewareStep(typeof(TMiddleware), static services => services.GetRequiredService<TMiddleware>()));
        return this;
    }

    /// <summary>Sets the options of a queue that has a handler.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="configure">Called after the configuration was bound, in the order of the calls.</param>
    public ReliableQueueBuilder ConfigureQueue(string queue, Action<QueueOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        set.Configure(queue, configure);
        return this;
    }

    /// <summary>
    /// Sets the folder that relative paths of state files and queue files count from. Default: <c>ReliableQueue:DataDirectory</c>, otherwise the content root. One line
    /// gives a host files of its own: in a test, in a container with a volume.
    /// </summary>
    /// <param name="path">The folder, made when something is written to it; a relative one counts from the content root.</param>
    public ReliableQueueBuilder UseDataDirectory(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        set.DataDirectory = path;
        return this;
    }

    /// <summary>Sets the worker's state file. Default: <c>state/worker.db</c>, or <c>state/{name}.db</c>.</summary>
    /// <param name="path">On a disk that outlives the process; a relative path counts from the data directory. Every worker instance needs one of its own.</param>
    public ReliableQueueBuilder StateFile(string path) => ConfigureWorker(options => options.StateFile = path);

    /// <summary>
    /// Runs the worker without a state file, for a container in which nothing can be kept; the same as the word <c>none</c> in <see cref="WorkerOptions.StateFile"/>, which
    /// says what is given up. No message is lost by it. Default: there is one.
    /// </summary>
    public ReliableQueueBuilder WithoutStateFile() => StateFile(UnsavedState.Place);

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

    /// <summary>
    /// For packages: options of this set, bound from a section of its configuration, then set by code in the order of the calls. Whatever checks them
    /// (<see cref="IValidateOptions{TOptions}"/>) is asked at start, and its faults are told with all others. They are read by the name of the set.
    /// </summary>
    /// <typeparam name="TOptions">The options.</typeparam>
    /// <param name="section">The section, for example <c>Redis</c>.</param>
    /// <param name="bind">Binds the section to the options; called only when there is such a section.</param>
    public OptionsBuilder<TOptions> AddOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor | DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(
        string section, Action<IConfigurationSection, TOptions> bind)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(bind);
        return set.AddOptions(section, bind);
    }

    /// <summary>For packages: the full path of a file of this set. A relative path counts from the data directory.</summary>
    /// <param name="path">The path.</param>
    /// <param name="services">Where the configuration and the host's content root are found; without a host it is the folder of the program.</param>
    public string FullPath(string path, IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return set.FullPath(path, services);
    }
}
