using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

/// <summary>What enqueuing logs: event ids 100 to 199. Never a body, a header or credentials.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(100, LogLevel.Debug, "Queue '{Queue}': the broker failed an enqueue call ({Fault}), attempt {Attempt}; trying again in {Delay}.", EventName = "EnqueueFailed")]
    public static partial void EnqueueFailed(ILogger logger, string queue, string fault, int attempt, TimeSpan delay, Exception exception);

    [LoggerMessage(101, LogLevel.Debug, "Queue '{Queue}': the broker answered an enqueue call again after {Attempts} attempts.", EventName = "EnqueueRecovered")]
    public static partial void EnqueueRecovered(ILogger logger, string queue, int attempts);

    [LoggerMessage(102, LogLevel.Critical, "Queue '{Queue}': the broker has lost writes it had acknowledged ({Sign}). Messages enqueued shortly before may be gone, and finished ones may be delivered again. Check for a restore, a failover or a power loss, and its persistence settings.", EventName = "EnqueueStateRegressed")]
    public static partial void EnqueueStateRegressed(ILogger logger, string queue, string sign);

    [LoggerMessage(103, LogLevel.Debug, "Queue '{Queue}': the outcome of an enqueue call with {Count} messages stays unknown; its lane is given up.", EventName = "EnqueueOutcomeUnknown")]
    public static partial void EnqueueOutcomeUnknown(ILogger logger, string queue, int count);

    [LoggerMessage(104, LogLevel.Debug, "Queue '{Queue}': the broker refused an enqueue call; waiting does not help.", EventName = "EnqueueRefused")]
    public static partial void EnqueueRefused(ILogger logger, string queue, Exception exception);

    [LoggerMessage(105, LogLevel.Error, "Queue '{Queue}': the broker answered an enqueue call with '{Standing}', which a lane in order never gets; the lane is given up.", EventName = "EnqueueLaneOutOfOrder")]
    public static partial void EnqueueLaneOutOfOrder(ILogger logger, string queue, string standing);

    [LoggerMessage(106, LogLevel.Error, "Queue '{Queue}': the broker threw something other than BrokerException from an enqueue call; taken as unknown outcome.", EventName = "EnqueueBrokerBroken")]
    public static partial void EnqueueBrokerBroken(ILogger logger, string queue, Exception exception);
}
