using System.Collections.Concurrent;
using System.Reflection;

namespace ReliableQueue.Tests.Security;

/// <summary>Hears every assembly that this process loads or looks for, and every type it looks for by name, while it is watched.</summary>
internal sealed class LoadWatch : IDisposable
{
    private readonly ConcurrentQueue<string> heard = new();

    public LoadWatch()
    {
        AppDomain.CurrentDomain.AssemblyLoad += Loaded;
        AppDomain.CurrentDomain.AssemblyResolve += Sought;
        AppDomain.CurrentDomain.TypeResolve += Sought;
        AppDomain.CurrentDomain.ResourceResolve += Sought;
    }

    /// <summary>Of the names heard, those that contain one of these texts.</summary>
    public IEnumerable<string> Heard(IEnumerable<string> texts) => heard.Where(name => texts.Any(text => name.Contains(text, StringComparison.OrdinalIgnoreCase)));

    public void Dispose()
    {
        AppDomain.CurrentDomain.AssemblyLoad -= Loaded;
        AppDomain.CurrentDomain.AssemblyResolve -= Sought;
        AppDomain.CurrentDomain.TypeResolve -= Sought;
        AppDomain.CurrentDomain.ResourceResolve -= Sought;
    }

    private void Loaded(object? sender, AssemblyLoadEventArgs loaded) => heard.Enqueue(loaded.LoadedAssembly.FullName ?? "an assembly without a name");

    private Assembly? Sought(object? sender, ResolveEventArgs sought)
    {
        heard.Enqueue(sought.Name);
        return null;
    }
}
