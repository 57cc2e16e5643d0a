using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Settle;

/// <summary>
/// Logs how deliveries end that did not end well: an error per dead letter, a warning per retry and per message that is parked. When thousands fail at once, the first of each minute are logged each and
/// the others as one count.
/// </summary>
internal sealed class EndingLog(SettleSettings settings, QueueSignals signals, TimeProvider time) : IDisposable
{
    private readonly EventBudget deadLetters = new(time, signals.MoreDeadLettered);
    private readonly EventBudget retries = new(time, signals.MoreRetried);
    private readonly EventBudget parkings = new(time, signals.MoreParked);

    /// <summary>A delivery ends.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="settlement">How it ends.</param>
    /// <param name="outcome">What came of it. One that was remembered was logged when it was decided.</param>
    public void Note(Delivery delivery, Settlement settlement, HandlerOutcome outcome)
    {
        var cause = outcome switch
        {
            HandlerOutcome.Failed failed => failed.Exception,
            HandlerOutcome.Rejected rejected => rejected.Exception,
            HandlerOutcome.Deferred deferred => deferred.Exception,
            _ => null,
        };
        switch (settlement)
        {
            case Settlement.DeadLetter letter when outcome is not HandlerOutcome.Remembered && deadLetters.Takes():
                // What the exception says is the application's text: it is logged as the exception and nowhere else.
                signals.DeadLettered(delivery.Context, letter.Reason, cause?.GetType().Name ?? letter.Error ?? "", cause);
                break;
            case Settlement.Retry retry when outcome is not HandlerOutcome.Remembered && retries.Takes():
                signals.Retried(delivery.Context, settings.MaxDeliveries, retry.Delay, cause);
                break;
            case Settlement.Release release when WhyParked(outcome) is { } why && parkings.Takes():
                signals.Parked(delivery.Context, release.Delay, why);
                break;
            default:
                break;
        }
    }

    public void Dispose()
    {
        deadLetters.Dispose();
        retries.Dispose();
        parkings.Dispose();
    }

    private static string? WhyParked(HandlerOutcome outcome) => outcome switch
    {
        HandlerOutcome.UnknownType => "No handler here takes its type.",
        HandlerOutcome.OtherShape other => other.Error,
        _ => null,
    };
}

/// <summary>So many events in a minute are logged each; the rest is counted, and told as one event at the end of that minute.</summary>
/// <param name="time">The clock.</param>
/// <param name="tellRest">Is told how many were left out.</param>
internal sealed class EventBudget(TimeProvider time, Action<int> tellRest) : IDisposable
{
    /// <summary>How many events of a kind are logged each in one minute.</summary>
    public const int EachMinute = 20;

    /// <summary>How long a count lasts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private ITimer? ending;
    private long began;
    private int count;

    /// <summary>Whether the next event is to be logged by itself.</summary>
    public bool Takes()
    {
        lock (gate)
        {
            if (ending is null && (count == 0 || time.GetElapsedTime(began) >= Window))
            {
                (began, count) = (time.GetTimestamp(), 0);
            }

            if (++count <= EachMinute)
            {
                return true;
            }

            // Only now: a queue whose messages fail seldom needs no timer.
            ending ??= time.CreateTimer(static budget => ((EventBudget?)budget)?.EndWindow(), this, Window, Timeout.InfiniteTimeSpan);
            return false;
        }
    }

    public void Dispose() => EndWindow();

    private void EndWindow()
    {
        int left;
        lock (gate)
        {
            if (ending is null)
            {
                return;
            }

            ending.Dispose();
            (ending, left, count) = (null, count - EachMinute, 0);
        }

        tellRest(left);
    }
}
