using Microsoft.Extensions.Logging;

namespace ReliableQueue.Redis;

/// <summary>Everything this package logs.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(2, LogLevel.Information, "Renewals have no connection of their own to Redis at {Server} and share the main one, which answers late while the thread pool is busy. Reason: {Reason}")]
    public static partial void RenewalsShare(ILogger logger, string server, string reason);
}
