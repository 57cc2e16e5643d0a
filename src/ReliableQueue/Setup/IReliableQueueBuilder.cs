using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;

namespace ReliableQueue;

/// <summary>
/// One set of producer, broker and perhaps worker, while it is put together. Broker packages extend it: <c>UseRedis</c>, <c>UseSqlite</c>. Implemented by
/// <see cref="ReliableQueueBuilder"/> and <see cref="ReliableWorkerBuilder"/> alone.
/// </summary>
public interface IReliableQueueBuilder
{
    /// <summary>The name of the set, which is the key of its services; empty for the unnamed one.</summary>
    string Name { get; }

    /// <summary>Where services are registered.</summary>
    IServiceCollection Services { get; }

    /// <summary>Chooses the broker. Exactly one is chosen for a set; none or two are an error at start.</summary>
    /// <param name="open">Opens the broker, once; the container disposes it.</param>
    /// <param name="check">Says at start what is wrong with the broker's options, a sentence each. Default: nothing is.</param>
    void AddBroker(Func<IServiceProvider, IQueueBroker> open, Func<IServiceProvider, IEnumerable<string>>? check = null);

    /// <summary>The configuration of this set: what <c>UseConfiguration</c> gave, else the section <c>ReliableQueue</c> or <c>ReliableQueue:Sets:{name}</c>; null when there is none.</summary>
    /// <param name="services">Where the application's configuration is found.</param>
    IConfiguration? FindConfiguration(IServiceProvider services);
}
