using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Handle;

/// <summary>Step 5 of the path: delivery → handler → outcome. Reads the message, calls its handler in a scope of its own, and never throws.</summary>
internal sealed class HandlerInvoker(
    IEnumerable<HandlerRegistration> handlers, MiddlewareChain middleware, IServiceScopeFactory scopes, QueueMeter meter, TimeProvider time, ILogger logger)
{
    private readonly FrozenDictionary<string, HandlerRegistration> handlers =
        handlers.ToFrozenDictionary(handler => handler.MessageType, StringComparer.Ordinal);

    private int hasToldOfNewer;

    public async Task<HandlerOutcome> InvokeAsync(Delivery delivery)
    {
        if (delivery.IsStillRunningHere)
        {
            return HandlerOutcome.StillRunningHere.Instance;
        }

        if (delivery.Fault is { } fault)
        {
            return NotRead(delivery, fault);
        }

        if (!delivery.IsLeaseValid || delivery.CancellationReason != CancellationReason.None)
        {
            // The reply came too late, or the host began to stop: a handler started now would be told to stop at once.
            return HandlerOutcome.Interrupted.Instance;
        }

        if (!handlers.TryGetValue(delivery.Envelope.Type, out var handler))
        {
            return HandlerOutcome.UnknownType.Instance;
        }

        var span = ProcessSpan.Start(delivery, meter, time);
        var outcome = await CallAsync(handler, delivery);
        span.End(outcome, time);
        return outcome;
    }

    private HandlerOutcome NotRead(Delivery delivery, string fault)
    {
        if (!delivery.IsNewer)
        {
            return new HandlerOutcome.Unreadable(fault);
        }

        if (Interlocked.Exchange(ref hasToldOfNewer, 1) == 0)
        {
            // Once: in a rolling deployment a whole backlog can be newer, and each of its messages comes by here every few minutes.
            QueueLog.EnvelopeNewer(logger, delivery.Queue.Value, delivery.Id, fault);
        }

        return HandlerOutcome.Newer.Instance;
    }

    private static MessageContext ContextOf(Delivery delivery) => new()
    {
        Id = delivery.Id,
        Queue = delivery.Queue,
        MessageType = delivery.Envelope.Type,
        DeliveryCount = delivery.DeliveryCount,
        EnqueuedAt = delivery.Envelope.EnqueuedAt,
        Headers = delivery.Envelope.Headers,
        FencingToken = delivery.Lease.Token.Fence,
        Lease = delivery,
    };

    private async Task<HandlerOutcome> CallAsync(HandlerRegistration handler, Delivery delivery)
    {
        HandlerOutcome? outcome = null;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            outcome = await CallAsync(handler, delivery, scope.ServiceProvider);
            return outcome;
        }
        catch (Exception exception)
        {
            // What a service throws while it is disposed makes a failure of a success, whose work may not be whole, and of nothing else: a rejection stays one.
            LogFailure(delivery, exception);
            return outcome is null or HandlerOutcome.Succeeded ? new HandlerOutcome.Failed(exception) : outcome;
        }
    }

    private async Task<HandlerOutcome> CallAsync(HandlerRegistration handler, Delivery delivery, IServiceProvider services)
    {
        try
        {
            await handler.CallAsync(delivery, ContextOf(delivery), middleware, services);
            return HandlerOutcome.Succeeded.Instance;
        }
        catch (MessageUnreadableException exception)
        {
            return new HandlerOutcome.Unreadable(exception.Message);
        }
        catch (RejectMessageException exception)
        {
            return new HandlerOutcome.Rejected(exception);
        }
        catch (OperationCanceledException exception) when (delivery.Hold.IsCancellationRequested)
        {
            // Only our own token makes a cancellation an interruption: an HttpClient that timed out throws the same exception and has failed.
            return delivery.CancellationReason == CancellationReason.Timeout
                ? new HandlerOutcome.Failed(new TimeoutException("The handler ran past its time limit (HandlerTimeout).", exception))
                : HandlerOutcome.Interrupted.Instance;
        }
        catch (Exception exception)
        {
            LogFailure(delivery, exception);
            return new HandlerOutcome.Failed(exception);
        }
    }

    private void LogFailure(Delivery delivery, Exception exception) =>
        QueueLog.HandlerFailed(logger, delivery.Queue.Value, delivery.Envelope.Type, delivery.Id, delivery.DeliveryCount, exception);
}
