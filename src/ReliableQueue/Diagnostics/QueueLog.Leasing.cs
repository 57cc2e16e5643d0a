using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

/// <summary>Every log message there is, grouped by stage: 1xx enqueue, 2xx lease, 3xx process, 4xx settle, 5xx operate, 6xx state file, 9xx host. Event ids are never reused.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(200, LogLevel.Debug, "Leasing from queue {Queue} failed ({Fault}), failure {Failures} in a row; trying again.")]
    public static partial void LeaseFailed(ILogger logger, string queue, Enum fault, int failures, Exception exception);

    [LoggerMessage(201, LogLevel.Debug, "Renewing {Count} leases of queue {Queue} failed; the leases hold until their deadline, trying again.")]
    public static partial void RenewalFailed(ILogger logger, string queue, int count, Exception exception);

    [LoggerMessage(202, LogLevel.Warning, "The lease of {Type} {Id} on queue {Queue} (delivery {DeliveryCount}) is lost; its handler is told, another worker may have it.")]
    public static partial void LeaseLost(ILogger logger, string queue, string type, object id, int deliveryCount);

    [LoggerMessage(203, LogLevel.Information, "Earlier session {Session} of queue {Queue} returned: {Returned} messages ready again, {DeadLettered} dead-lettered.")]
    public static partial void SessionReturned(ILogger logger, string queue, object session, int returned, int deadLettered);

    [LoggerMessage(204, LogLevel.Error, "The broker lost writes it had acknowledged on queue {Queue}: {Evidence}. Messages may be lost or come back. BrokerStateRegressed")]
    public static partial void BrokerStateRegressed(ILogger logger, string queue, string evidence);

    [LoggerMessage(205, LogLevel.Critical, "The lease keeper failed and goes on; this is a bug.")]
    public static partial void KeeperFailed(ILogger logger, Exception exception);

    [LoggerMessage(206, LogLevel.Warning, "The lease keeper stood still for {Elapsed}: the process was paused or the broker did not answer a renewal.")]
    public static partial void KeeperStalled(ILogger logger, TimeSpan elapsed);

    [LoggerMessage(210, LogLevel.Error, "Queue {Queue}: {Count} messages are dead-lettered (DeliveryLimit), because workers were lost with them at their last delivery. The dead letters hold their ids.")]
    public static partial void WorkerLossesDeadLettered(ILogger logger, string queue, int count);

    [LoggerMessage(211, LogLevel.Warning, "The broker {Broker} is lost: a call failed. All calls are tried again; each failure is logged at debug level.")]
    public static partial void BrokerLost(ILogger logger, string broker, Exception exception);

    [LoggerMessage(212, LogLevel.Warning, "The broker {Broker} is lost for {Duration} now; {Count} calls failed.")]
    public static partial void BrokerStillLost(ILogger logger, string broker, TimeSpan duration, int count);

    [LoggerMessage(213, LogLevel.Information, "The broker {Broker} is back after {Duration}; {Count} calls failed.")]
    public static partial void BrokerBack(ILogger logger, string broker, TimeSpan duration, int count);

    [LoggerMessage(208, LogLevel.Warning, "The broker's epoch could not be noted for queue {Queue}.")]
    public static partial void EpochNotNoted(ILogger logger, string queue, Exception exception);

    [LoggerMessage(209, LogLevel.Critical, "A loop of queue {Queue} failed and goes on; this is a bug.")]
    public static partial void LoopFailed(ILogger logger, string queue, Exception exception);

    [LoggerMessage(207, LogLevel.Warning, "The session of queue {Queue} was fenced: another process returned it. A new session begins.")]
    public static partial void SessionFenced(ILogger logger, string queue);
}
