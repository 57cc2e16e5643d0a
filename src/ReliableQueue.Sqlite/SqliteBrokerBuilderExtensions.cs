using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using ReliableQueue;
using ReliableQueue.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Chooses the embedded broker. Options come from the section <c>Sqlite</c> of the set's configuration (<c>ReliableQueue:Sqlite</c>), then from code, which wins. Faults
/// are reported when the host starts.
/// </summary>
public static class SqliteBrokerBuilderExtensions
{
    /// <summary>Keeps the queues in this file.</summary>
    /// <param name="builder">What <c>AddReliableWorker</c> or <c>AddReliableQueue</c> passes.</param>
    /// <param name="path">The file; a relative path counts from the content root.</param>
    public static TBuilder UseSqlite<TBuilder>(this TBuilder builder, string path)
        where TBuilder : IReliableQueueBuilder => builder.UseSqlite(options => options.Path = path);

    /// <summary>Keeps the queues in the file that the configuration names (<c>ReliableQueue:Sqlite:Path</c>) or the code sets.</summary>
    /// <param name="builder">What <c>AddReliableWorker</c> or <c>AddReliableQueue</c> passes.</param>
    /// <param name="configure">Called after the configuration was bound. Default: nothing. A relative path counts from the content root.</param>
    public static TBuilder UseSqlite<TBuilder>(this TBuilder builder, Action<SqliteBrokerOptions>? configure = null)
        where TBuilder : IReliableQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        SqliteBrokerOptions Build(IServiceProvider services)
        {
            var options = new SqliteBrokerOptions();
            if (builder.FindConfiguration(services)?.GetSection("Sqlite") is { } section)
            {
                section.Bind(options);
            }

            configure?.Invoke(options);
            if (!string.IsNullOrWhiteSpace(options.Path))
            {
                options.Path = Path.GetFullPath(options.Path, ContentRoot(services));
            }

            return options;
        }

        builder.AddBroker(
            services => SqliteBroker.Create(Build(services), services.GetService<TimeProvider>(), services.GetService<IRandomSource>()),
            services => Build(services).Faults());
        return builder;
    }

    private static string ContentRoot(IServiceProvider services) =>
        services.GetService<IHostEnvironment>()?.ContentRootPath is { Length: > 0 } root ? Path.GetFullPath(root) : AppContext.BaseDirectory;
}
