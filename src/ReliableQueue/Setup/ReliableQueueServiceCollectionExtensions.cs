using ReliableQueue;
using ReliableQueue.Setup;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers producers and workers.</summary>
public static class ReliableQueueServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="IQueueClient"/> and a worker, a hosted service. A second call adds to the first. Everything is validated when the host starts, and all
    /// faults are reported at once (<see cref="Options.OptionsValidationException"/>); a worker without a handler is one.
    /// </summary>
    /// <param name="services">Where to register.</param>
    /// <param name="configure">Chooses the broker and adds handlers.</param>
    public static IServiceCollection AddReliableWorker(this IServiceCollection services, Action<ReliableQueueBuilder> configure) =>
        AddWorker(services, string.Empty, configure);

    /// <summary>Registers a set of its own, keyed by its name: <c>[FromKeyedServices("billing")] IQueueClient</c>. Its options are at <c>ReliableQueue:Sets:{name}</c>.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="name">1 to 64 of a–z, 0–9, '.', '_' and '-', starting with a letter or a digit.</param>
    /// <param name="configure">Chooses the broker and adds handlers.</param>
    /// <exception cref="ArgumentException">The name breaks the rule.</exception>
    public static IServiceCollection AddReliableWorker(this IServiceCollection services, string name, Action<ReliableQueueBuilder> configure) =>
        AddWorker(services, Checked(name), configure);

    /// <summary>Registers <see cref="IQueueClient"/>, for an application that only enqueues. A second call adds to the first.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="configure">Chooses the broker.</param>
    public static IServiceCollection AddReliableQueue(this IServiceCollection services, Action<ReliableQueueBuilder> configure) =>
        AddQueue(services, string.Empty, configure);

    /// <summary>Registers a producer of its own, keyed by its name: <c>[FromKeyedServices("billing")] IQueueClient</c>. Its options are at <c>ReliableQueue:Sets:{name}</c>.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="name">1 to 64 of a–z, 0–9, '.', '_' and '-', starting with a letter or a digit.</param>
    /// <param name="configure">Chooses the broker.</param>
    /// <exception cref="ArgumentException">The name breaks the rule.</exception>
    public static IServiceCollection AddReliableQueue(this IServiceCollection services, string name, Action<ReliableQueueBuilder> configure) =>
        AddQueue(services, Checked(name), configure);

    private static IServiceCollection AddWorker(IServiceCollection services, string name, Action<ReliableQueueBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        QueueSets.Of(services, name).AddWorker();
        return AddQueue(services, name, configure);
    }

    private static IServiceCollection AddQueue(IServiceCollection services, string name, Action<ReliableQueueBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        configure(new ReliableQueueBuilder(QueueSets.Of(services, name)));
        return services;
    }

    /// <summary>The name becomes a file name, a configuration key and a service key.</summary>
    private static string Checked(string name) =>
        QueueName.FaultOf(name) is null
            ? name
            : throw new ArgumentException(
                "The name of a worker or queue set must be 1 to 64 characters of a-z, 0-9, '.', '_' and '-', starting with a letter or a digit.", nameof(name));
}
