using Microsoft.Extensions.Logging;

namespace ReliableQueue.Redis;

/// <summary>Everything this package logs.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(2, LogLevel.Information, "Renewals have no connection of their own to Redis at {Server} and share the main one, which answers late while the thread pool is busy. Reason: {Reason}")]
    public static partial void RenewalsShare(ILogger logger, string server, string reason);

    [LoggerMessage(3, LogLevel.Debug, "Queue {Queue} could not be put on the list of queues; operators do not see it there until it is. It is tried again in a minute.")]
    public static partial void NotListed(ILogger logger, QueueName queue, Exception exception);
}
