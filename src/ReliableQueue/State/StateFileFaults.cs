using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.State;

/// <summary>Every text about a state file that cannot be used: which file, what is wrong, what to do.</summary>
internal static class StateFileFaults
{
    public const int Busy = raw.SQLITE_BUSY;

    private const string StartAnew =
        "It has not been changed. Move it away to start without what it remembers (no message is lost; those it held are delivered again when their leases end), or restore it.";

    public static StateFileException NotWritable(string path, Exception exception) =>
        Make(
            path,
            $"cannot be written: {exception.Message} Give the process the right to create and write files in its directory (its user is '{Environment.UserName}'), or choose another path. "
                + "In a container, mount a volume there that this user may write to; where nothing can be kept, the word 'none' as path, or WithoutStateFile() in code, runs the worker without a state file.",
            exception);

    public static StateFileException Damaged(string path, string what, Exception? exception = null) => Make(path, $"is damaged: {what}. {StartAnew}", exception);

    public static StateFileException Foreign(string path, string what, Exception? exception = null) =>
        Make(path, $"is not a state file: {what}. It has not been changed. Choose another path.", exception);

    public static StateFileException Newer(string path, int version, int lowestReader, int known) => Make(
        path,
        $"was written by a newer version of ReliableQueue (format {version}, for versions that know format {lowestReader}; this one knows up to {known}). It has not been changed. "
            + "Update, or choose another path.");

    public static StateFileException Gone(string path) =>
        Make(path, "has been moved, removed or replaced while in use. Put it back, or restart the worker to start a new one.");

    public static StateFileException Library(string path, Version version, Version needed) =>
        Make(path, $"needs SQLite {needed} or newer; the loaded library is {version}. Update SQLitePCLRaw.bundle_e_sqlite3 or the system's library.");

    public static StateFileException Of(string path, Exception exception) => exception switch
    {
        StateFileException already => already,
        SqliteFailure { Kind: raw.SQLITE_FULL } => Write(path, "the disk is full", exception, "Free space there; the worker resumes by itself."),
        SqliteFailure { Kind: raw.SQLITE_IOERR } error =>
            Write(path, $"input/output error (SQLite {error.Code})", error, "Check the disk; the worker resumes by itself."),
        SqliteFailure { IsBusy: true } => Write(path, "another program has locked it", exception, "Close that program; the worker resumes by itself."),
        SqliteFailure { Kind: raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN } => NotWritable(path, exception),
        SqliteFailure failure when IsDamage(failure) => Damaged(path, exception.Message, exception),
        _ => Write(path, exception.Message, exception, "The worker tries again by itself."),
    };

    /// <summary>Whether the failure says that the file itself is bad.</summary>
    public static bool IsDamage(Exception exception) => exception is SqliteFailure { Kind: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB };

    private static StateFileException Write(string path, string what, Exception exception, string advice) =>
        Make(path, $"cannot be written: {what}. {advice}", exception);

    private static StateFileException Make(string path, string rest, Exception? exception = null) => new(path, $"The state file '{path}' {rest}", exception);
}
