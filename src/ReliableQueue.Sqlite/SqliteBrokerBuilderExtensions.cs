using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ReliableQueue;
using ReliableQueue.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Chooses the embedded broker. Options come from the section <c>Sqlite</c> of the set's configuration (<c>ReliableQueue:Sqlite</c>), then from code, which wins. Faults
/// are reported when the host starts, and so is a file that cannot be used.
/// </summary>
public static class SqliteBrokerBuilderExtensions
{
    /// <summary>Keeps the queues in this file.</summary>
    /// <param name="builder">What <c>AddReliableWorker</c> or <c>AddReliableQueue</c> passes.</param>
    /// <param name="path">The file; a relative path counts from the data directory.</param>
    public static ReliableQueueBuilder UseSqlite(this ReliableQueueBuilder builder, string path) => builder.UseSqlite(options => options.Path = path);

    /// <summary>Keeps the queues in the file that the configuration names (<c>ReliableQueue:Sqlite:Path</c>) or the code sets.</summary>
    /// <param name="builder">What <c>AddReliableWorker</c> or <c>AddReliableQueue</c> passes.</param>
    /// <param name="configure">Called after the configuration was bound. Default: nothing. A relative path counts from the data directory.</param>
    public static ReliableQueueBuilder UseSqlite(this ReliableQueueBuilder builder, Action<SqliteBrokerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteBrokerOptions>, SqliteBrokerOptionsCheck>());
        builder.Services.AddSingleton<IValidateOptions<SqliteBrokerOptions>>(services => new QueueFileCheck(builder.Name, path => builder.FullPath(path, services)));
        builder.AddOptions<SqliteBrokerOptions>("Sqlite", static (section, options) => section.Bind(options)).Configure(options => configure?.Invoke(options));
        return builder.UseBroker(services =>
        {
            var options = services.GetRequiredService<IOptionsMonitor<SqliteBrokerOptions>>().Get(builder.Name);
            return SqliteBroker.Create(
                new SqliteBrokerOptions { Path = builder.FullPath(options.Path, services), CallTimeout = options.CallTimeout, MaxFileSize = options.MaxFileSize },
                services.GetService<TimeProvider>(),
                services.GetService<IRandomSource>(),
                services.GetService<ILoggerFactory>());
        });
    }
}
