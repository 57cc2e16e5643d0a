using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Setup;

/// <summary>One middleware of the producer.</summary>
internal sealed class EnqueueMiddlewareStep([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, Func<IServiceProvider, IEnqueueMiddleware> find)
{
    /// <summary>The class that was asked for, for checks at start.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    public Type Type { get; } = type;

    public IEnqueueMiddleware In(IServiceProvider services) => find(services);
}
