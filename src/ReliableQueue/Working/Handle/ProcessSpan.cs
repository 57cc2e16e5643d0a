using System.Diagnostics;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Handle;

/// <summary>Measures one run of a handler: its span and its counters. Costs a few reads of flags while nobody listens.</summary>
internal readonly struct ProcessSpan
{
    private readonly Delivery delivery;
    private readonly QueueSignals signals;

    private ProcessSpan(Delivery delivery, QueueSignals signals, Activity? activity) => (this.delivery, this.signals, Activity) = (delivery, signals, activity);

    /// <summary>The span; null while nobody listens.</summary>
    public Activity? Activity { get; }

    public static ProcessSpan Start(Delivery delivery, QueueSignals signals, TimeProvider time)
    {
        signals.ProcessStarted(time.GetUtcNow() - delivery.Context.EnqueuedAt);
        return new ProcessSpan(delivery, signals, signals.StartProcess(delivery.Context));
    }

    /// <summary>Ends the measurement; the outcome says whether it went well.</summary>
    public void End(HandlerOutcome outcome, TimeProvider time)
    {
        var error = ErrorOf(outcome);
        var duration = delivery.Hold.HandlerStartedAt is { } startedAt ? time.GetElapsedTime(startedAt) : TimeSpan.Zero;
        signals.ProcessEnded(duration, error);
        if (Activity is not null)
        {
            if (error is not null)
            {
                QueueActivitySource.Fail(Activity, error, null);
            }

            Activity.Dispose();
        }
    }

    private string? ErrorOf(HandlerOutcome outcome) => outcome switch
    {
        HandlerOutcome.Succeeded or HandlerOutcome.Deferred => null,
        HandlerOutcome.Rejected => TelemetryNames.Error.Rejected,
        HandlerOutcome.Unreadable or HandlerOutcome.OtherShape => TelemetryNames.Error.Unreadable,
        HandlerOutcome.Interrupted when delivery.CancellationReason == CancellationReason.LeaseLost => TelemetryNames.Error.LeaseLost,
        HandlerOutcome.Interrupted => TelemetryNames.Error.Cancelled,
        HandlerOutcome.Failed when delivery.CancellationReason == CancellationReason.Timeout => TelemetryNames.Error.Timeout,
        HandlerOutcome.Failed => TelemetryNames.Error.HandlerFailed,
        _ => TelemetryNames.Error.Other,
    };
}
