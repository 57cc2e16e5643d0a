using Microsoft.Extensions.Logging;

namespace ReliableQueue.Diagnostics;

/// <summary>What the state file reports: event ids 600 to 699.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(600, LogLevel.Error, "{Count} rows of the state file '{Path}' fail their checksum and are not used: {Rows}. They stay in the file. The disk may be failing.")]
    public static partial void DamagedStateRows(this ILogger logger, string path, int count, string rows);

    [LoggerMessage(601, LogLevel.Warning, "The state file '{Path}' is a copy. What it rejected and completed is remembered; the sessions and settlements in it belong to the original and are dropped here.")]
    public static partial void CopiedStateFile(this ILogger logger, string path);

    [LoggerMessage(602, LogLevel.Warning, "The state file '{Path}' keeps the payloads of rejected messages and is not private: {What}.")]
    public static partial void ExposedStateFile(this ILogger logger, string path, string what);

    [LoggerMessage(603, LogLevel.Information, "The worker keeps no state file, as it was told. What it holds when it dies is delivered again only after the visibility timeout, and what it rejected or completed without an answer of the broker is delivered again.")]
    public static partial void NoStateFile(this ILogger logger);

    [LoggerMessage(604, LogLevel.Error, "The state file fails. The worker leases no message until it works again; the broker is told how deliveries end. Each failure is logged at debug level.")]
    public static partial void StateFileFails(ILogger logger, Exception exception);

    [LoggerMessage(605, LogLevel.Error, "The state file fails for {Duration} now; {Count} writes failed.")]
    public static partial void StateFileStillFails(ILogger logger, TimeSpan duration, int count);

    [LoggerMessage(606, LogLevel.Information, "The state file works again after {Duration}; {Count} writes failed.")]
    public static partial void StateFileWorks(ILogger logger, TimeSpan duration, int count);
}
