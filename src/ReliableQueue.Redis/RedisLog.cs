using Microsoft.Extensions.Logging;

namespace ReliableQueue.Redis;

/// <summary>Everything this package logs.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(1, LogLevel.Warning, "The connection to Redis at {Endpoint} does not answer; it is replaced by a new one.")]
    public static partial void Replacing(ILogger logger, string endpoint);

    [LoggerMessage(2, LogLevel.Information, "The renewal connection cannot sign in to Redis at {Endpoint} by itself ({Reason}); renewals share the main connection.")]
    public static partial void RenewalsShare(ILogger logger, string endpoint, string reason);
}
