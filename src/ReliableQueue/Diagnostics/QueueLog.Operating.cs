using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

/// <summary>What operators do, so that somebody who wonders where messages went finds it, and what they see: event ids 500 to 599.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(500, LogLevel.Information, "Queue {Queue}: an operator redrove {Count} dead letters.")]
    public static partial void Redriven(ILogger logger, string queue, long count);

    [LoggerMessage(501, LogLevel.Information, "Queue {Queue}: an operator deleted {Count} messages.")]
    public static partial void Deleted(ILogger logger, string queue, long count);

    [LoggerMessage(502, LogLevel.Information, "Queue {Queue}: an operator purged {Count} messages that were {State}.")]
    public static partial void Purged(ILogger logger, string queue, Enum state, long count);

    [LoggerMessage(503, LogLevel.Information, "Queue {Queue}: an operator paused it {Duration}.")]
    public static partial void Paused(ILogger logger, string queue, string duration);

    [LoggerMessage(504, LogLevel.Information, "Queue {Queue}: an operator resumed it.")]
    public static partial void Resumed(ILogger logger, string queue);

    [LoggerMessage(505, LogLevel.Debug, "Queue {Queue}: the worker could not announce itself; operators do not see its name until it can.")]
    public static partial void NotAnnounced(ILogger logger, string queue, Exception exception);

    [LoggerMessage(506, LogLevel.Debug, "Queue {Queue}: its size could not be read; the gauges say nothing until it can.")]
    public static partial void SizeNotRead(ILogger logger, string queue, Exception exception);
}
