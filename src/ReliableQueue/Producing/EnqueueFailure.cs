using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>Turns outcomes that are not "enqueued" into what the caller is thrown.</summary>
internal static class EnqueueFailure
{
    /// <summary>The exception for a call of the user. <paramref name="unknown"/> and <paramref name="notEnqueued"/> are not both empty.</summary>
    public static Exception Of(
        QueueName queue, TimeSpan timeout, EnqueueOutcome outcome, IReadOnlyList<MessageId> unknown, IReadOnlyList<int> notEnqueued)
    {
        if (unknown.Count > 0)
        {
            var which = unknown.Count == 1 ? $"message {unknown[0]} was" : $"{unknown.Count} messages were";
            return new EnqueueOutcomeUnknownException(
                queue, unknown, notEnqueued, $"Queue '{queue}': the broker did not answer whether {which} stored: enqueued, or not, or later.", outcome.Fault);
        }

        var what = notEnqueued.Count == 1 ? "The message was not enqueued." : $"{notEnqueued.Count} messages were not enqueued.";
        return outcome.Verdict switch
        {
            EnqueueVerdict.Full => new QueueFullException(
                queue, notEnqueued, $"Queue '{queue}': the broker was full for {timeout} (EnqueueTimeout). {what}", outcome.Fault),
            EnqueueVerdict.Refused => new BrokerUnavailableException(
                queue, notEnqueued, $"Queue '{queue}': the broker refused. {what} {outcome.Fault?.Message}", outcome.Fault),
            EnqueueVerdict.Disposed => new ObjectDisposedException(nameof(IQueueClient), $"Queue '{queue}': the client was disposed before the broker had been told. {what}"),
            _ => new BrokerUnavailableException(
                queue, notEnqueued, $"Queue '{queue}': the broker could not be reached for {timeout} (EnqueueTimeout). {what}", outcome.Fault),
        };
    }

    /// <summary>The value of <c>error.type</c> for a verdict.</summary>
    public static string? ErrorOf(EnqueueVerdict verdict) => verdict switch
    {
        EnqueueVerdict.Enqueued => null,
        EnqueueVerdict.Unknown => TelemetryNames.Error.OutcomeUnknown,
        EnqueueVerdict.Full => TelemetryNames.Error.QueueFull,
        EnqueueVerdict.Refused => TelemetryNames.Error.BrokerRefused,
        EnqueueVerdict.Disposed => TelemetryNames.Error.Cancelled,
        _ => TelemetryNames.Error.BrokerUnavailable,
    };

    /// <summary>The value of <c>error.type</c> for a fault.</summary>
    public static string ErrorOf(BrokerFault fault) => fault switch
    {
        BrokerFault.Unknown => TelemetryNames.Error.OutcomeUnknown,
        BrokerFault.Full => TelemetryNames.Error.QueueFull,
        BrokerFault.Refused => TelemetryNames.Error.BrokerRefused,
        _ => TelemetryNames.Error.BrokerUnavailable,
    };
}
