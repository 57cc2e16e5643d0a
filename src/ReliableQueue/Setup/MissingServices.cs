using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Setup;

/// <summary>
/// Finds what a class needs and nobody registered, without constructing anything: the container is asked what it has, and constructors are chosen as it chooses them.
/// Behind a service it looks as far as its registration names a class; what a factory makes, an instance, and the registrations of another container are believed.
/// </summary>
internal sealed class MissingServices
{
    private readonly IServiceProviderIsService registered;
    private readonly IServiceProviderIsKeyedService? keyed;
    private readonly ILookup<Type, ServiceDescriptor> descriptors;

    private MissingServices(IServiceProviderIsService registered, IServiceProviderIsKeyedService? keyed, IEnumerable<ServiceDescriptor> descriptors)
    {
        (this.registered, this.keyed) = (registered, keyed);
        this.descriptors = descriptors.ToLookup(descriptor => descriptor.ServiceType);
    }

    /// <summary>Null when the container cannot be asked what it has.</summary>
    public static MissingServices? In(IServiceProvider services, IServiceCollection descriptors) => services.GetService<IServiceProviderIsService>() is { } registered
        ? new MissingServices(registered, services.GetService<IServiceProviderIsKeyedService>(), descriptors)
        : null;

    /// <summary>Why a handler cannot be constructed, each reason a sentence; empty when it can.</summary>
    public IReadOnlyList<string> OfHandler(Type handler) => Find(walk =>
    {
        var wanted = new Wanted(handler, null);
        if (DescriptorOf(wanted) is { } descriptor)
        {
            walk.Construct(descriptor, wanted, $"The handler {wanted}");
        }
    });

    /// <summary>Why a delegate cannot be given a service.</summary>
    public IReadOnlyList<string> OfDelegate(Type message, Type service) =>
        Find(walk => walk.Visit(new Wanted(service, null), $"The delegate that handles {Shown(message)} needs {Shown(service)}"));

    /// <summary>Why a middleware cannot be constructed, whether it is registered or made with services of the container.</summary>
    public IReadOnlyList<string> OfMiddleware([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type middleware)
    {
        var walk = new Walk(this);
        var wanted = new Wanted(middleware, null);
        if (DescriptorOf(wanted) is { } descriptor)
        {
            walk.Construct(descriptor, wanted, $"The middleware {wanted}");
        }
        else if (!Has(wanted))
        {
            walk.Construct(middleware, wanted, $"The middleware {wanted}");
        }

        return walk.Faults;
    }

    /// <summary>How a person writes a type: <c>IRepository&lt;Order&gt;</c>.</summary>
    public static string Shown(Type type) =>
        type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Shown))}>" : type.Name;

    private List<string> Find(Action<Walk> search)
    {
        var walk = new Walk(this);
        search(walk);
        return walk.Faults;
    }

    private bool Has(Wanted wanted) => wanted.IsOpen || (wanted.Key is null ? registered.IsService(wanted.Type) : keyed is null || keyed.IsKeyedService(wanted.Type, wanted.Key));

    /// <summary>The registration that the container would use: the last that fits, one of a generic definition after one of the very type. Null: this collection has none.</summary>
    private ServiceDescriptor? DescriptorOf(Wanted wanted) => descriptors[wanted.Type].LastOrDefault(wanted.Fits)
        ?? (wanted.Type.IsConstructedGenericType ? descriptors[wanted.Type.GetGenericTypeDefinition()].LastOrDefault(wanted.Fits) : null);

    /// <summary>A service that somebody asks for.</summary>
    private readonly record struct Wanted(Type Type, object? Key)
    {
        /// <summary>A parameter of a generic definition that only its type arguments complete: it is believed.</summary>
        public bool IsOpen => Type.ContainsGenericParameters;

        public bool Fits(ServiceDescriptor descriptor) => Key is null
            ? !descriptor.IsKeyedService
            : descriptor.IsKeyedService && (Equals(descriptor.ServiceKey, Key) || Equals(descriptor.ServiceKey, KeyedService.AnyKey));

        public override string ToString() => Key is null ? Shown(Type) : $"{Shown(Type)} with the key '{Key}'";
    }

    /// <summary>One search: a service is looked into once, however often it is needed, so that a circle ends.</summary>
    private sealed class Walk(MissingServices services)
    {
        private readonly HashSet<Wanted> seen = [];

        public List<string> Faults { get; } = [];

        /// <param name="wanted">The service that is needed.</param>
        /// <param name="said">Who needs it, up to and with its name.</param>
        public void Visit(Wanted wanted, string said)
        {
            if (!services.Has(wanted))
            {
                Faults.Add(said + ", which is not registered.");
            }
            else if (!wanted.IsOpen && seen.Add(wanted))
            {
                foreach (var descriptor in RegistrationsOf(wanted))
                {
                    Construct(descriptor, wanted, said + ", which");
                }
            }
        }

        public void Construct(ServiceDescriptor descriptor, Wanted wanted, string said)
        {
            var type = descriptor.IsKeyedService ? descriptor.KeyedImplementationType : descriptor.ImplementationType;
            if (type is not null)
            {
                Construct(type, wanted, type == wanted.Type || type.IsGenericTypeDefinition ? said : $"{said} is {Shown(type)}, which");
            }
        }

        public void Construct([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, Wanted wanted, string said)
        {
            var constructors = type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length).ToList();
            if (constructors.Count == 0)
            {
                Faults.Add(said + " has no public constructor.");
                return;
            }

            // As the container chooses: the only one, or the one with the most parameters of those whose parameters are all registered.
            var usable = constructors.Where(constructor => Needed(constructor, wanted.Key).All(services.Has)).ToList();
            if (usable.Count == 0)
            {
                usable.Add(constructors.MinBy(constructor => Needed(constructor, wanted.Key).Count(parameter => !services.Has(parameter))) ?? constructors[0]);
            }

            var chosen = Needed(usable[0], wanted.Key).ToHashSet();
            if (usable.Find(other => !chosen.IsSupersetOf(Needed(other, wanted.Key))) is { } rival)
            {
                Faults.Add($"{said} has two constructors that can be used, ({string.Join(", ", chosen)}) and ({string.Join(", ", Needed(rival, wanted.Key))}): the container takes neither.");
                return;
            }

            foreach (var parameter in chosen)
            {
                Visit(parameter, $"{said} needs {parameter}");
            }
        }

        /// <summary>Many for a list of services, otherwise one; none when it is not in this collection, as what the container itself provides.</summary>
        private IEnumerable<ServiceDescriptor> RegistrationsOf(Wanted wanted) =>
            wanted.Type.IsConstructedGenericType && wanted.Type.GetGenericTypeDefinition() == typeof(IEnumerable<>) && new Wanted(wanted.Type.GetGenericArguments()[0], wanted.Key) is var each
                ? services.descriptors[each.Type].Where(each.Fits)
                : services.DescriptorOf(wanted) is { } descriptor ? [descriptor] : [];

        /// <summary>The services that a constructor takes: not its own key, and of those with a default value only what is registered.</summary>
        private IEnumerable<Wanted> Needed(ConstructorInfo constructor, object? key) =>
            from parameter in constructor.GetParameters()
            where !parameter.IsDefined(typeof(ServiceKeyAttribute), inherit: false)
            let wanted = new Wanted(parameter.ParameterType, KeyOf(parameter, key))
            where !parameter.HasDefaultValue || services.Has(wanted)
            select wanted;

        private static object? KeyOf(ParameterInfo parameter, object? inherited) => parameter.GetCustomAttribute<FromKeyedServicesAttribute>() switch
        {
            { LookupMode: ServiceKeyLookupMode.ExplicitKey } attribute => attribute.Key,
            { LookupMode: ServiceKeyLookupMode.InheritKey } => inherited,
            _ => null,
        };
    }
}
