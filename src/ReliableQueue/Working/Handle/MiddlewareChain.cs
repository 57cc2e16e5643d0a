using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Working.Handle;

/// <summary>The middleware of one queue, in order: built once, run around each handler.</summary>
internal sealed class MiddlewareChain(IReadOnlyList<MiddlewareStep> steps)
{
    private static readonly MiddlewareChain Empty = new([]);

    public bool IsEmpty => steps.Count == 0;

    public static MiddlewareChain Of(IReadOnlyList<MiddlewareStep> steps) => steps.Count == 0 ? Empty : new MiddlewareChain(steps);

    public Task RunAsync(IServiceProvider services, MessageContext context, DeliveryNext handler, CancellationToken cancellationToken)
    {
        var next = handler;
        for (var index = steps.Count - 1; index >= 0; index--)
        {
            var (step, rest) = (steps[index], next);
            next = token => step.InvokeAsync(services, context, rest, token);
        }

        return next(cancellationToken);
    }
}

/// <summary>One middleware: where it comes from and how it is called.</summary>
internal abstract class MiddlewareStep
{
    public static MiddlewareStep Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IDeliveryMiddleware => new Typed<TMiddleware>();

    /// <summary>The class that was asked for, for checks at start.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    public abstract Type Type { get; }

    public abstract Task InvokeAsync(IServiceProvider services, MessageContext context, DeliveryNext next, CancellationToken cancellationToken);

    private sealed class Typed<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware> : MiddlewareStep
        where TMiddleware : class, IDeliveryMiddleware
    {
        private static readonly ObjectFactory<TMiddleware> Make = ActivatorUtilities.CreateFactory<TMiddleware>([]);

        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
        public override Type Type => typeof(TMiddleware);

        public override Task InvokeAsync(IServiceProvider services, MessageContext context, DeliveryNext next, CancellationToken cancellationToken) =>
            services.GetService<TMiddleware>() is { } registered
                ? registered.InvokeAsync(context, next, cancellationToken)
                : InvokeOwnAsync(services, context, next, cancellationToken);

        /// <summary>Options cannot register services: a middleware that only they name is made here, and disposed here.</summary>
        private static async Task InvokeOwnAsync(IServiceProvider services, MessageContext context, DeliveryNext next, CancellationToken cancellationToken)
        {
            var own = Make(services, null);
            try
            {
                await own.InvokeAsync(context, next, cancellationToken);
            }
            finally
            {
                if (own is IAsyncDisposable later)
                {
                    await later.DisposeAsync();
                }
                else
                {
                    (own as IDisposable)?.Dispose();
                }
            }
        }
    }
}
