using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Setup;

/// <summary>One middleware of the producer: its class, for checks at start, and how the container makes it.</summary>
internal abstract class EnqueueStep
{
    public static EnqueueStep Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IEnqueueMiddleware => new Typed<TMiddleware>();

    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    public abstract Type Type { get; }

    public abstract IEnqueueMiddleware Of(IServiceProvider services);

    private sealed class Typed<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware> : EnqueueStep
        where TMiddleware : class, IEnqueueMiddleware
    {
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
        public override Type Type => typeof(TMiddleware);

        public override IEnqueueMiddleware Of(IServiceProvider services) => services.GetRequiredService<TMiddleware>();
    }
}
