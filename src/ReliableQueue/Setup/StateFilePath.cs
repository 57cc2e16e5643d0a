using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ReliableQueue.Setup;

/// <summary>Where the state file of a set is.</summary>
internal static class StateFilePath
{
    public static string Of(QueueSet set, IServiceProvider services)
    {
        var path = services.GetRequiredService<IOptionsMonitor<WorkerOptions>>().Get(set.Name).StateFile
            ?? Path.Combine("state", (set.Name.Length == 0 ? "worker" : set.Name) + ".db");
        return Path.GetFullPath(path, ContentRoot(services));
    }

    private static string ContentRoot(IServiceProvider services) =>
        services.GetService<IHostEnvironment>()?.ContentRootPath is { Length: > 0 } root ? Path.GetFullPath(root) : AppContext.BaseDirectory;
}
