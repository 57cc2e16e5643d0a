using Microsoft.Extensions.Logging;

namespace ReliableQueue.Sqlite;

/// <summary>Everything this package logs.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(1, LogLevel.Error, "Queue file '{Path}', queue '{Queue}': what is stored of message {Id} fails its checksum. The message stays in the file, is never given out, and is counted as damaged until it is deleted. The disk may be failing; a copy of the file may have it whole.", EventName = "MessageDamaged")]
    public static partial void MessageDamaged(ILogger logger, string path, string queue, string id);

    [LoggerMessage(2, LogLevel.Information, "Queue file '{Path}' was brought from version {From} to version {To}.", EventName = "QueueFileMigrated")]
    public static partial void Migrated(ILogger logger, string path, long from, int to);
}
