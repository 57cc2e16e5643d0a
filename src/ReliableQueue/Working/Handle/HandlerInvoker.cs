using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Handle;

/// <summary>What came of a delivery, and the span its handler ran in; null when there is none.</summary>
internal readonly record struct Handled(HandlerOutcome Outcome, Activity? Span = null);

/// <summary>Step 5 of the path: delivery → handler → outcome. Reads the message, calls its handler in a scope of its own, and never throws.</summary>
internal sealed class HandlerInvoker(IEnumerable<HandlerRegistration> handlers, MiddlewareChain middleware, QueueSignals signals, Surroundings surroundings)
{
    private readonly FrozenDictionary<string, HandlerRegistration> handlers =
        handlers.ToFrozenDictionary(handler => handler.MessageType, StringComparer.Ordinal);

    private int hasToldOfNewer;

    // Value tasks, here and below: most handlers end without waiting, and a task for each would be garbage.
    public async ValueTask<Handled> InvokeAsync(Delivery delivery)
    {
        if (delivery.IsStillRunningHere)
        {
            return new Handled(HandlerOutcome.StillRunningHere.Instance);
        }

        if (delivery.NotReadBecause is { } reason)
        {
            return new Handled(NotRead(delivery, reason));
        }

        if (!delivery.IsLeaseValid || delivery.CancellationReason != CancellationReason.None)
        {
            // The reply came too late, or the host began to stop: a handler started now would be told to stop at once.
            return new Handled(HandlerOutcome.Interrupted.Instance);
        }

        if (!handlers.TryGetValue(delivery.Context.MessageType, out var handler))
        {
            return new Handled(HandlerOutcome.UnknownType.Instance);
        }

        var span = ProcessSpan.Start(delivery, signals, surroundings.Time);
        var outcome = handler is BatchRegistration batch ? await batch.JoinAsync(delivery, surroundings) : await CallAsync((MessageRegistration)handler, delivery);
        span.End(outcome, surroundings.Time);
        return new Handled(outcome, span.Activity);
    }

    private HandlerOutcome NotRead(Delivery delivery, string reason)
    {
        if (!delivery.IsNewer)
        {
            return new HandlerOutcome.Unreadable(reason);
        }

        if (Interlocked.Exchange(ref hasToldOfNewer, 1) == 0)
        {
            // Once: in a rolling deployment a whole backlog can be newer, and each of its messages comes by here every few minutes.
            signals.EnvelopeNewer(delivery.Id, reason);
        }

        return HandlerOutcome.Newer.Instance;
    }

    private async ValueTask<HandlerOutcome> CallAsync(MessageRegistration handler, Delivery delivery)
    {
        HandlerOutcome? outcome = null;
        try
        {
            await using var scope = surroundings.Scopes.CreateAsyncScope();
            outcome = await CallAsync(handler, delivery, scope.ServiceProvider);
            return outcome;
        }
        catch (Exception exception)
        {
            // What a service throws while it is disposed makes a failure of a success, whose work may not be whole, and of nothing else: a rejection stays one.
            if (outcome is null or HandlerOutcome.Succeeded)
            {
                return new HandlerOutcome.Failed(exception);
            }

            signals.ScopeFailed(delivery.Context, exception);
            return outcome;
        }
    }

    private async ValueTask<HandlerOutcome> CallAsync(MessageRegistration handler, Delivery delivery, IServiceProvider services)
    {
        try
        {
            await handler.CallAsync(delivery, middleware, services);
            return HandlerOutcome.Succeeded.Instance;
        }
        catch (Exception exception)
        {
            return HandlerOutcome.Of(exception, delivery);
        }
    }
}
