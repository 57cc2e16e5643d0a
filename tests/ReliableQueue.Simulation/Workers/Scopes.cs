using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Simulation.Workers;

/// <summary>Scopes without services: the handlers here need none.</summary>
internal sealed class Scopes : IServiceScopeFactory, IServiceScope, IServiceProvider
{
    public IServiceProvider ServiceProvider => this;

    public IServiceScope CreateScope() => this;

    public object? GetService(Type serviceType) => null;

    public void Dispose()
    {
    }
}
