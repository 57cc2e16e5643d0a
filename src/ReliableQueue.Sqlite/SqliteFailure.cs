using ReliableQueue.Broker;
using SQLitePCL;

namespace ReliableQueue.Sqlite;

/// <summary>SQLite said no. It never leaves the package: what leaves is a <see cref="BrokerException"/> that says what is known about the call.</summary>
internal sealed class SqliteFailure(int code, string text) : Exception(text)
{
    /// <summary>SQLite's extended result code; its low byte is the kind.</summary>
    public int Code { get; } = code;

    public bool IsBusy => Kind is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    private int Kind => Code & 0xFF;

    public static SqliteFailure Of(sqlite3 handle, int code) => new(code, raw.sqlite3_errmsg(handle).utf8_to_string());

    /// <summary>For a failure before COMMIT: the transaction is undone, so the call was certainly not done.</summary>
    public BrokerException BeforeCommit(string path) => As(FaultBeforeCommit, path);

    /// <summary>
    /// For a failure of COMMIT itself. A full disk fails while the frames are written, and a transaction without its last frame does not exist. Anything else,
    /// above all a failed fsync, can leave the whole transaction in the log for a later recovery to find: nobody knows.
    /// </summary>
    public BrokerException AtCommit(string path) => As(
        Kind switch
        {
            raw.SQLITE_FULL => BrokerFault.Full,
            raw.SQLITE_BUSY => BrokerFault.NotApplied,
            _ => BrokerFault.Unknown,
        },
        path);

    private BrokerFault FaultBeforeCommit => Kind switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM or raw.SQLITE_INTERRUPT => BrokerFault.NotApplied,
        raw.SQLITE_FULL or raw.SQLITE_IOERR => BrokerFault.Full,
        _ => BrokerFault.Refused,
    };

    private BrokerException As(BrokerFault fault, string path) => new(fault, $"Queue file '{path}' {Meaning}: {Message} (SQLite {Code}).", this);

    private string Meaning => Kind switch
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
