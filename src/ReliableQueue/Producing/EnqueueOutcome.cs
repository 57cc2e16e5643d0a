using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>How waiting for an enqueue call ended.</summary>
internal enum EnqueueVerdict
{
    /// <summary>Stored.</summary>
    Enqueued,

    /// <summary>At least one attempt may have been applied, now or later.</summary>
    Unknown,

    /// <summary>Certainly not stored: the broker was full.</summary>
    Full,

    /// <summary>Certainly not stored: the broker could not be reached, or the message was still waiting behind calls that were not answered.</summary>
    Unavailable,

    /// <summary>Certainly not stored, and waiting does not help.</summary>
    Refused,

    /// <summary>Certainly not stored: the client was disposed first.</summary>
    Disposed,
}

/// <summary>How waiting ended, and what the broker last failed with, which goes into the exception.</summary>
internal readonly record struct EnqueueOutcome(EnqueueVerdict Verdict, BrokerException? Error = null)
{
    /// <summary>What the broker answered to each message of the group, by position; null: all were stored.</summary>
    public IReadOnlyList<EnqueueResult>? Results { get; init; }

    /// <summary>The value of <c>error.type</c>; null when the messages were stored.</summary>
    public string? ErrorType => Verdict switch
    {
        EnqueueVerdict.Enqueued => null,
        EnqueueVerdict.Unknown => TelemetryNames.Error.OutcomeUnknown,
        EnqueueVerdict.Full => TelemetryNames.Error.QueueFull,
        EnqueueVerdict.Refused => TelemetryNames.Error.BrokerRefused,
        EnqueueVerdict.Disposed => TelemetryNames.Error.Cancelled,
        _ => TelemetryNames.Error.BrokerUnavailable,
    };

    /// <summary>The value of <c>error.type</c> for a call that failed.</summary>
    public static string ErrorTypeOf(BrokerFault kind) => kind switch
    {
        BrokerFault.Unknown => TelemetryNames.Error.OutcomeUnknown,
        BrokerFault.Full => TelemetryNames.Error.QueueFull,
        BrokerFault.Refused => TelemetryNames.Error.BrokerRefused,
        _ => TelemetryNames.Error.BrokerUnavailable,
    };

    /// <summary>The id a caller is given: of its message, or of the one that was there already.</summary>
    public MessageId IdOf(int position, MessageId id) => Results?[position] is EnqueueResult.Duplicate duplicate ? duplicate.Existing : id;

    /// <summary>The exception for a call of the user. <paramref name="unknown"/> and <paramref name="notEnqueued"/> are not both empty.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="timeout">How long the caller waited at most.</param>
    /// <param name="unknown">The messages that may be there.</param>
    /// <param name="notEnqueued">The positions, among the messages of the call, of those that are certainly not there.</param>
    public Exception ToException(QueueName queue, TimeSpan timeout, IReadOnlyList<MessageId> unknown, IReadOnlyList<int> notEnqueued)
    {
        if (unknown.Count > 0)
        {
            var which = unknown.Count == 1 ? $"message {unknown[0]} was" : $"{unknown.Count} messages were";
            return new EnqueueOutcomeUnknownException(
                queue, unknown, notEnqueued, $"Queue '{queue}': the broker did not answer whether {which} stored: enqueued, or not, or later.", Error);
        }

        var what = notEnqueued.Count == 1 ? "The message was not enqueued." : $"{notEnqueued.Count} messages were not enqueued.";
        return Verdict switch
        {
            EnqueueVerdict.Full => new QueueFullException(queue, notEnqueued, $"Queue '{queue}': the broker was full for {timeout} (EnqueueTimeout). {what}", Error),
            EnqueueVerdict.Refused => new BrokerUnavailableException(queue, notEnqueued, $"Queue '{queue}': the broker refused. {what} {Error?.Message}", Error),
            EnqueueVerdict.Disposed => new ObjectDisposedException(nameof(IQueueClient), $"Queue '{queue}': the client was disposed before the broker had been told. {what}"),
            _ => new BrokerUnavailableException(queue, notEnqueued, $"Queue '{queue}': the broker could not be reached for {timeout} (EnqueueTimeout). {what}", Error),
        };
    }
}
