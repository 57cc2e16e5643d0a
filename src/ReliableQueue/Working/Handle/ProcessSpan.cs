using System.Diagnostics;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Handle;

/// <summary>Measures one run of a handler: its span and its counters. Costs a few reads of flags while nobody listens.</summary>
internal readonly struct ProcessSpan
{
    private readonly Delivery delivery;
    private readonly QueueMeter meter;
    private readonly Activity? activity;

    private ProcessSpan(Delivery delivery, QueueMeter meter, Activity? activity) => (this.delivery, this.meter, this.activity) = (delivery, meter, activity);

    public static ProcessSpan Start(Delivery delivery, QueueMeter meter, TimeProvider time)
    {
        meter.ProcessStarted(delivery.Queue.Value, time.GetUtcNow() - delivery.Envelope.EnqueuedAt);
        if (!QueueActivitySource.HasListeners)
        {
            return new ProcessSpan(delivery, meter, null);
        }

        var headers = delivery.Envelope.Headers;
        var activity = QueueActivitySource.StartProcess(
            delivery.Queue.Value,
            delivery.Id.ToString(),
            delivery.Envelope.Type,
            delivery.DeliveryCount,
            headers.GetValueOrDefault("traceparent"),
            headers.GetValueOrDefault("tracestate"));
        delivery.TraceContext = activity?.Context ?? default;
        return new ProcessSpan(delivery, meter, activity);
    }

    /// <summary>Ends the measurement; the outcome says whether it went well.</summary>
    public void End(HandlerOutcome outcome, TimeProvider time)
    {
        var error = ErrorOf(outcome);
        var duration = delivery.Hold.HandlerStartedAt is { } startedAt ? time.GetElapsedTime(startedAt) : TimeSpan.Zero;
        meter.ProcessEnded(delivery.Queue.Value, duration, error);
        if (activity is not null)
        {
            if (error is not null)
            {
                QueueActivitySource.Fail(activity, error, null);
            }

            activity.Dispose();
        }
    }

    private string? ErrorOf(HandlerOutcome outcome) => outcome switch
    {
        HandlerOutcome.Succeeded => null,
        HandlerOutcome.Rejected => TelemetryNames.Error.Rejected,
        HandlerOutcome.Unreadable => TelemetryNames.Error.Unreadable,
        HandlerOutcome.Interrupted when delivery.CancellationReason == CancellationReason.LeaseLost => TelemetryNames.Error.LeaseLost,
        HandlerOutcome.Interrupted => TelemetryNames.Error.Cancelled,
        HandlerOutcome.Failed when delivery.CancellationReason == CancellationReason.Timeout => TelemetryNames.Error.Timeout,
        HandlerOutcome.Failed => TelemetryNames.Error.HandlerFailed,
        _ => TelemetryNames.Error.Other,
    };
}
