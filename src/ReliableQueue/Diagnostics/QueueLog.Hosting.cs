using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

internal static partial class QueueLog
{
    [LoggerMessage(900, LogLevel.Warning, "Queue {Queue}: a step of starting or stopping failed, failure {Failures} in a row.")]
    public static partial void StartStepFailed(ILogger logger, string queue, int failures, Exception exception);

    [LoggerMessage(911, LogLevel.Debug, "Queue {Queue}: a step of starting or stopping waits for the broker or the state file, failure {Failures} in a row.")]
    public static partial void StartStepWaits(ILogger logger, string queue, int failures, Exception exception);

    [LoggerMessage(901, LogLevel.Warning, "Queue {Queue}: the drain time is over with {Count} messages still held; their handlers are told to stop, then they are released.")]
    public static partial void DrainOver(ILogger logger, string queue, int count);

    [LoggerMessage(902, LogLevel.Information, "Worker '{Worker}' handles {Queues} queues on {Broker}, state file {StateFile}.")]
    public static partial void WorkerStarted(ILogger logger, string worker, int queues, string broker, string stateFile);

    [LoggerMessage(903, LogLevel.Information, "Worker '{Worker}' stopped.")]
    public static partial void WorkerStopped(ILogger logger, string worker);

    [LoggerMessage(904, LogLevel.Warning, "{Finding}")]
    public static partial void BrokerWarning(ILogger logger, string finding);

    [LoggerMessage(905, LogLevel.Warning, "The broker {Broker} cannot be checked yet; the worker starts when it answers.")]
    public static partial void BrokerNotChecked(ILogger logger, string broker, Exception exception);

    [LoggerMessage(906, LogLevel.Critical, "The broker is not safe to use; the worker leases nothing: {Findings}")]
    public static partial void BrokerRefused(ILogger logger, string findings);

    [LoggerMessage(907, LogLevel.Warning, "The state file {Path} is held by {Owner}; the worker waits, producing goes on.")]
    public static partial void StateFileHeld(ILogger logger, string path, string owner);

    [LoggerMessage(908, LogLevel.Critical, "Worker '{Worker}' failed and tries again; if this is not the state file, it is a bug.")]
    public static partial void WorkerFailed(ILogger logger, string worker, Exception exception);

    [LoggerMessage(909, LogLevel.Information, "Worker '{Worker}' is switched off (Worker.Enabled is false): this process enqueues and handles nothing.")]
    public static partial void WorkerDisabled(ILogger logger, string worker);

    [LoggerMessage(910, LogLevel.Warning, "The configuration has keys that nothing reads: {Keys}")]
    public static partial void UnknownKeys(ILogger logger, string keys);
}
