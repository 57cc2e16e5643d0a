using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ReliableQueue;
using ReliableQueue.Redis;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Chooses Redis or Valkey as the broker. Options come from the section <c>Redis</c> of the set's configuration (<c>ReliableQueue:Redis</c>), then from code, which
/// wins. Faults are reported when the host starts; a server that is away is none of them.
/// </summary>
public static class RedisBrokerBuilderExtensions
{
    /// <summary>Uses the connection that the configuration names (<c>ReliableQueue:Redis:Configuration</c>) or the code sets.</summary>
    /// <param name="builder">What <c>AddReliableWorker</c> or <c>AddReliableQueue</c> passes.</param>
    /// <param name="configure">Called after the configuration was bound. Default: nothing.</param>
    public static ReliableQueueBuilder UseRedis(this ReliableQueueBuilder builder, Action<RedisBrokerOptions>? configure = null) =>
        Use(builder, static (_, _) => { }, configure);

    /// <summary>Uses a connection of the broker's own: the one to prefer, because the broker sets it up to leave a server that hangs soon.</summary>
    /// <param name="builder">What <c>AddReliableWorker</c> or <c>AddReliableQueue</c> passes.</param>
    /// <param name="configuration">An address as hosting providers hand it out (<c>rediss://user:password@host:6379/0</c>), or a StackExchange.Redis configuration string (<c>localhost:6379</c>).</param>
    /// <param name="configure">Called last. Default: nothing.</param>
    public static ReliableQueueBuilder UseRedis(this ReliableQueueBuilder builder, string configuration, Action<RedisBrokerOptions>? configure = null) =>
        Use(builder, (options, _) => options.Configuration = configuration, configure);

    /// <summary>Uses a connection of the application, for example <c>services => services.GetRequiredService&lt;IConnectionMultiplexer&gt;()</c>. It is never disposed here.</summary>
    /// <param name="builder">What <c>AddReliableWorker</c> or <c>AddReliableQueue</c> passes.</param>
    /// <param name="connection">Finds the connection; called at the broker's first call, and again only while it fails.</param>
    /// <param name="configure">Called last. Default: nothing.</param>
    public static ReliableQueueBuilder UseRedis(
        this ReliableQueueBuilder builder, Func<IServiceProvider, IConnectionMultiplexer> connection, Action<RedisBrokerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return builder.UseRedis((services, _) => Task.FromResult(connection(services)), configure);
    }

    /// <summary>Uses a connection of the application that takes time to make. It is never disposed here.</summary>
    /// <param name="builder">What <c>AddReliableWorker</c> or <c>AddReliableQueue</c> passes.</param>
    /// <param name="connection">Makes the connection; called at the broker's first call, and again only while it fails.</param>
    /// <param name="configure">Called last. Default: nothing.</param>
    public static ReliableQueueBuilder UseRedis(
        this ReliableQueueBuilder builder, Func<IServiceProvider, CancellationToken, Task<IConnectionMultiplexer>> connection, Action<RedisBrokerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return Use(
            builder,
            (options, services) =>
            {
                options.Configuration = null;
                options.ConnectionFactory = cancellationToken => connection(services, cancellationToken);
            },
            configure);
    }

    private static ReliableQueueBuilder Use(ReliableQueueBuilder builder, Action<RedisBrokerOptions, IServiceProvider> connect, Action<RedisBrokerOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisBrokerOptions>, RedisBrokerOptionsCheck>());
        builder.AddOptions<RedisBrokerOptions>("Redis", Bind).Configure(connect).Configure(options => configure?.Invoke(options));
        return builder.UseBroker(services => RedisBroker.Open(
            services.GetRequiredService<IOptionsMonitor<RedisBrokerOptions>>().Get(builder.Name),
            services.GetService<TimeProvider>(),
            services.GetService<IRandomSource>(),
            services.GetService<ILoggerFactory>()));
    }

    // By hand: two of the options are connections, which no configuration holds and no binder can make.
    private static void Bind(IConfigurationSection section, RedisBrokerOptions options)
    {
        options.Configuration = section.GetValue<string?>(nameof(options.Configuration));
        options.Prefix = section.GetValue(nameof(options.Prefix), options.Prefix);
        options.Database = section.GetValue<int?>(nameof(options.Database));
        options.CallTimeout = section.GetValue(nameof(options.CallTimeout), options.CallTimeout);
    }
}
