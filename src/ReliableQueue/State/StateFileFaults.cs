using Microsoft.Data.Sqlite;

namespace ReliableQueue.State;

/// <summary>Every text about a state file that cannot be used: which file, what is wrong, what to do.</summary>
internal static class StateFileFaults
{
    public const int Busy = 5;
    public const int Locked = 6;
    public const int Corrupt = 11;
    public const int NotADatabase = 26;

    private const int IoError = 10;
    private const int ReadOnly = 8;
    private const int Full = 13;
    private const int CannotOpen = 14;

    private const string StartAnew =
        "It has not been changed. Move it away to start without what it remembers (no message is lost; those it held are delivered again when their leases end), or restore it.";

    public static StateFileException NotWritable(string path, Exception exception) =>
        Make(path, $"cannot be written: {exception.Message} Give the process the right to create and write files in its directory, or choose another path.", exception);

    public static StateFileException Damaged(string path, string what, Exception? exception = null) => Make(path, $"is damaged: {what}. {StartAnew}", exception);

    public static StateFileException Foreign(string path, string what, Exception? exception = null) =>
        Make(path, $"is not a state file: {what}. It has not been changed. Choose another path.", exception);

    public static StateFileException Newer(string path, long version, int known) =>
        Make(path, $"was written by a newer version of ReliableQueue (format {version}; this one reads up to {known}). It has not been changed. Update, or choose another path.");

    public static StateFileException Gone(string path) =>
        Make(path, "has been moved, removed or replaced while in use. Put it back, or restart the worker to start a new one.");

    public static StateFileException Library(string path, Version version, Version needed) =>
        Make(path, $"needs SQLite {needed} or newer; the loaded library is {version}. Update SQLitePCLRaw.bundle_e_sqlite3 or the system's library.");

    public static StateFileException Of(string path, Exception exception) => exception switch
    {
        StateFileException already => already,
        SqliteException { SqliteErrorCode: Full } => Write(path, "the disk is full", exception, "Free space there; the worker resumes by itself."),
        SqliteException { SqliteErrorCode: IoError } error =>
            Write(path, $"input/output error (SQLite {error.SqliteExtendedErrorCode})", error, "Check the disk; the worker resumes by itself."),
        SqliteException { SqliteErrorCode: Busy or Locked } => Write(path, "another program has locked it", exception, "Close that program; the worker resumes by itself."),
        SqliteException { SqliteErrorCode: ReadOnly or CannotOpen } => NotWritable(path, exception),
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } => Damaged(path, exception.Message, exception),
        _ => Write(path, exception.Message, exception, "The worker tries again by itself."),
    };

    private static StateFileException Write(string path, string what, Exception exception, string advice) =>
        Make(path, $"cannot be written: {what}. {advice}", exception);

    private static StateFileException Make(string path, string rest, Exception? exception = null) => new(path, $"The state file '{path}' {rest}", exception);
}
