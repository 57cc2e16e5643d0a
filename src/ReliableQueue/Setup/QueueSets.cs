using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Setup;

/// <summary>The sets of one service collection, by name: a second call with the same name adds to the first.</summary>
internal sealed class QueueSets
{
    private readonly Dictionary<string, QueueSet> sets = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<QueueSet> All => sets.Values;

    /// <summary>The set of that name, made and registered when it is new.</summary>
    public static QueueSet Of(IServiceCollection services, string name)
    {
        var known = services.FirstOrDefault(service => service.ServiceType == typeof(QueueSets))?.ImplementationInstance as QueueSets;
        if (known is null)
        {
            services.AddSingleton(known = new QueueSets());
        }

        if (!known.sets.TryGetValue(name, out var set))
        {
            known.sets.Add(name, set = new QueueSet(name, services));
            QueueSetServices.Register(set, known);
        }

        return set;
    }
}
