using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

internal static partial class QueueLog
{
    [LoggerMessage(400, LogLevel.Debug, "Settling {Count} messages of queue {Queue} failed, failure {Failures} in a row; trying again until it is answered.")]
    public static partial void SettleFailed(ILogger logger, string queue, int count, int failures, Exception exception);

    [LoggerMessage(401, LogLevel.Warning, "The settlement of {Type} {Id} on queue {Queue} (delivery {DeliveryCount}) came too late and changed nothing: another worker has the message or had it.")]
    public static partial void SettlementStale(ILogger logger, string queue, string type, object id, int deliveryCount);

    [LoggerMessage(402, LogLevel.Information, "{Count} settlements of an earlier run replayed on queue {Queue}.")]
    public static partial void SettlementsReplayed(ILogger logger, string queue, int count);

    [LoggerMessage(403, LogLevel.Debug, "{Count} settlements of queue {Queue} could not be written to the state file; the broker is told all the same.")]
    public static partial void SettlementsNotRecorded(ILogger logger, string queue, int count, Exception exception);

    [LoggerMessage(405, LogLevel.Warning, "{Type} {Id} on queue {Queue} failed at delivery {DeliveryCount} of {MaxDeliveries}; it is tried again in {Delay}.", EventName = "messaging.process.exception")]
    public static partial void Retried(ILogger logger, string queue, string type, object id, int deliveryCount, int maxDeliveries, TimeSpan delay, Exception? exception);

    [LoggerMessage(406, LogLevel.Warning, "Queue {Queue}: {Count} more messages failed within the minute and are tried again.")]
    public static partial void MoreRetried(ILogger logger, string queue, int count);

    [LoggerMessage(407, LogLevel.Error, "{Type} {Id} on queue {Queue} is dead-lettered ({Reason}) at delivery {DeliveryCount}: {Why}")]
    public static partial void DeadLettered(ILogger logger, string queue, string type, object id, Enum reason, int deliveryCount, string why, Exception? exception);

    [LoggerMessage(408, LogLevel.Error, "Queue {Queue}: {Count} more messages were dead-lettered within the minute.")]
    public static partial void MoreDeadLettered(ILogger logger, string queue, int count);

    [LoggerMessage(409, LogLevel.Warning, "{Type} {Id} on queue {Queue} is parked for {Delay}, uncounted, until another version of the application can handle it: {Why}")]
    public static partial void Parked(ILogger logger, string queue, string type, object id, TimeSpan delay, string why);

    [LoggerMessage(410, LogLevel.Warning, "Queue {Queue}: {Count} more messages were parked within the minute.")]
    public static partial void MoreParked(ILogger logger, string queue, int count);

    [LoggerMessage(404, LogLevel.Critical, "A delivery of queue {Queue} failed outside its handler; this is a bug. It counts as failed, as if its handler had thrown.")]
    public static partial void DeliveryFailed(ILogger logger, string queue, Exception exception);
}
