using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Handle;

/// <summary>Step 2 of a worker: lease → handler → outcome. Reads the message, calls its handler in a scope of its own, and never throws.</summary>
internal sealed class HandlerInvoker(IEnumerable<HandlerRegistration> handlers, IServiceScopeFactory scopes, QueueMeter meter, TimeProvider time, ILogger logger)
{
    private readonly FrozenDictionary<string, HandlerRegistration> handlers =
        handlers.ToFrozenDictionary(handler => handler.MessageType, StringComparer.Ordinal);

    public async Task<HandlerOutcome> InvokeAsync(Delivery delivery)
    {
        if (delivery.IsStillRunningHere)
        {
            return HandlerOutcome.StillRunningHere.Instance;
        }

        if (delivery.Fault is { } fault)
        {
            return new HandlerOutcome.Unreadable(fault);
        }

        if (!delivery.IsLeaseValid || delivery.CancellationReason != CancellationReason.None)
        {
            // The reply came too late, or the host began to stop: a handler started now would be told to stop at once.
            return HandlerOutcome.Interrupted.Instance;
        }

        if (!handlers.TryGetValue(delivery.Envelope.Type, out var handler))
        {
            return new HandlerOutcome.UnknownType(delivery.Envelope.Type, time.GetUtcNow() - delivery.Envelope.EnqueuedAt);
        }

        var span = ProcessSpan.Start(delivery, meter, time);
        var outcome = await CallAsync(handler, delivery);
        span.End(outcome, time);
        return outcome;
    }

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
            return outcome is null or HandlerOutcome.Succeeded ? new HandlerOutcome.Failed(ErrorText.Of(exception)) : outcome;
        }
    }

    private async Task<HandlerOutcome> CallAsync(HandlerRegistration handler, Delivery delivery, IServiceProvider services)
    {
        try
        {
            var handle = handler.Read(delivery.Envelope.Body);
            delivery.Hold.HandlerStarted();
            await handle(services, new MessageContext(delivery), delivery.Hold.Token);
            return HandlerOutcome.Succeeded.Instance;
        }
        catch (MessageUnreadableException exception)
        {
            return new HandlerOutcome.Unreadable(exception.Message);
        }
        catch (RejectMessageException exception)
        {
            return new HandlerOutcome.Rejected(ErrorText.Of(exception));
        }
        catch (OperationCanceledException) when (delivery.Hold.IsCancellationRequested)
        {
            // Only our own token makes a cancellation an interruption: an HttpClient that timed out throws the same exception and has failed.
            return delivery.CancellationReason == CancellationReason.Timeout
                ? new HandlerOutcome.Failed("The handler ran past its time limit (HandlerTimeout).")
                : HandlerOutcome.Interrupted.Instance;
        }
        catch (Exception exception)
        {
            LogFailure(delivery, exception);
            return new HandlerOutcome.Failed(ErrorText.Of(exception));
        }
    }

    private void LogFailure(Delivery delivery, Exception exception) =>
        QueueLog.HandlerFailed(logger, delivery.Queue.Value, delivery.Envelope.Type, delivery.Id, delivery.DeliveryCount, exception);
}
