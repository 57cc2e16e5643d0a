using ReliableQueue.Broker;
using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.Sqlite;

/// <summary>What a failure of SQLite says about the call that met it, and what it is called in a text.</summary>
internal static class QueueFileFaults
{
    /// <summary>For a failure before COMMIT: the transaction is undone, so the call was certainly not done.</summary>
    public static BrokerException BeforeCommit(this SqliteFailure failure, string path) => As(
        failure.Kind switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM or raw.SQLITE_INTERRUPT => BrokerFault.NotApplied,
            raw.SQLITE_FULL or raw.SQLITE_IOERR => BrokerFault.Full,
            _ => BrokerFault.Refused,
        },
        failure,
        path);

    /// <summary>
    /// For a failure of COMMIT itself. A full disk fails while the frames are written, and a transaction without its last frame does not exist. Anything else,
    /// above all a failed fsync, can leave the whole transaction in the log for a later recovery to find: nobody knows.
    /// </summary>
    public static BrokerException AtCommit(this SqliteFailure failure, string path) => As(
        failure.Kind switch
        {
            raw.SQLITE_FULL => BrokerFault.Full,
            raw.SQLITE_BUSY => BrokerFault.NotApplied,
            _ => BrokerFault.Unknown,
        },
        failure,
        path);

    private static BrokerException As(BrokerFault fault, SqliteFailure failure, string path) =>
        new(fault, $"Queue file '{path}' {MeaningOf(failure.Kind)}: {failure.Message} (SQLite {failure.Code}).", failure);

    private static string MeaningOf(int kind) => kind switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "is being written by another process",
        raw.SQLITE_FULL => "cannot grow, its disk or MaxFileSize is full",
        raw.SQLITE_IOERR => "cannot be read or written, its disk fails",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
            "is damaged or is no SQLite database, and was left as it is; move it away with its -wal and -shm, or restore a copy",
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY or raw.SQLITE_AUTH => "cannot be opened for writing by this user",
        _ => "answered with an error",
    };
}
