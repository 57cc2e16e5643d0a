using SQLitePCL;

namespace ReliableQueue.Storage;

/// <summary>SQLite said no. It never leaves a package: what leaves is an exception of the package that says what is known about the call.</summary>
internal sealed class SqliteFailure(int code, string text) : Exception(text)
{
    /// <summary>SQLite's extended result code; its low byte is the kind.</summary>
    public int Code { get; } = code;

    /// <summary>The result code without its extension, for example <see cref="raw.SQLITE_IOERR"/> for every failure of the disk.</summary>
    public int Kind => Code & 0xFF;

    public bool IsBusy => Kind is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    public static SqliteFailure Of(sqlite3 handle, int code) => new(code, raw.sqlite3_errmsg(handle).utf8_to_string());
}
