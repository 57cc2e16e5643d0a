using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.State;

/// <summary>Looks at a state file before the host starts, so that a wrong path or a bad file is a start error with a text and not a silent worker.</summary>
internal static class StateFileInspection
{
    // Older ones can be made to corrupt memory by a query (CVE-2025-6965).
    private static readonly Version OldestLibrary = new(3, 50, 2);

    private static Version LibraryVersion => new(Connection.LibraryVersion / 1_000_000, Connection.LibraryVersion / 1_000 % 1_000, Connection.LibraryVersion % 1_000);

    /// <summary>Creates the directory when it is missing, and refuses what cannot become a state file: a link, a directory, a place that cannot be written.</summary>
    /// <exception cref="StateFileException">The file cannot be used.</exception>
    public static void Prepare(string path)
    {
        if (FaultOfLibrary(path, LibraryVersion) is { } outdated)
        {
            throw outdated;
        }

        try
        {
            MakeDirectory(path);
            RefuseWrongKind(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StateFileFaults.NotWritable(path, exception);
        }
    }

    /// <summary>Looks at the content without changing it. Null: there is none, or its owner is just starting or ending.</summary>
    /// <returns>What the file looked like: as long as it looks so, it need not be looked at again.</returns>
    /// <exception cref="StateFileException">The file cannot be used.</exception>
    public static FileStamp? Run(string path, StateSchema schema)
    {
        Prepare(path);
        if (!File.Exists(path))
        {
            return null;
        }

        var stamp = FileStamp.Of(path);
        try
        {
            using var database = StateDatabase.Open(path);
            Refuse(path, database, schema);
            return stamp;
        }
        catch (SqliteFailure failure) when (failure.IsBusy)
        {
            return null;
        }
        catch (SqliteFailure failure)
        {
            throw StateFileFaults.Of(path, failure);
        }
    }

    /// <summary>Looks at the content through an open connection.</summary>
    /// <exception cref="StateFileException">The file cannot be used.</exception>
    public static void Refuse(string path, StateDatabase database, StateSchema schema)
    {
        try
        {
            if (schema.FaultOf(path, database) is { } fault)
            {
                throw fault;
            }
        }
        catch (SqliteFailure failure) when (failure.Kind == raw.SQLITE_NOTADB)
        {
            throw StateFileFaults.Foreign(path, "it is not a SQLite database", failure);
        }
    }

    public static StateFileException? FaultOfLibrary(string path, Version version) =>
        version < OldestLibrary ? StateFileFaults.Library(path, version, OldestLibrary) : null;

    /// <summary>
    /// What others on the machine may do with the file, with the modes; null when nothing, or where there are no modes. Asked of everybody, not of the group: a volume's
    /// group is often what lets the worker in.
    /// </summary>
    public static string? ExposureOf(string path)
    {
        if (OperatingSystem.IsWindows() || Path.GetDirectoryName(path) is not { } folder)
        {
            return null;
        }

        var (folderMode, fileMode) = (File.GetUnixFileMode(folder), File.GetUnixFileMode(path));
        return (folderMode & UnixFileMode.OtherWrite) != 0 ? $"everybody on this machine can put files into its folder (mode {Octal(folderMode)}); chmod 700 '{folder}'"
            : (fileMode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0 ? $"everybody on this machine can get at its content (mode {Octal(fileMode)}); chmod 600 '{path}'"
            : null;
    }

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, toBase: 8).PadLeft(4, '0');

    private static void MakeDirectory(string path)
    {
        var directory = Path.GetDirectoryName(path) ?? throw StateFileFaults.Foreign(path, "it is the root directory");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else if (!Directory.Exists(directory))
        {
            // The file holds payloads of rejected messages: only this user may read them.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void RefuseWrongKind(string path)
    {
        if (Directory.Exists(path))
        {
            throw StateFileFaults.Foreign(path, "it is a directory");
        }

        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw StateFileFaults.Foreign(path, $"it is a symbolic link to '{target}', which may change while the file is in use");
        }

        if (new FileInfo(path) is { Exists: true, IsReadOnly: true })
        {
            throw StateFileFaults.NotWritable(path, new UnauthorizedAccessException("The file is read-only."));
        }

        if (File.Exists(path) && FileIdentity.NamesOf(path) is > 1 and var names)
        {
            // SQLite names its log after the name it was opened by: under the other name it would miss what the log holds.
            throw StateFileFaults.Foreign(path, $"it has {names} names (hard links)");
        }

        OwnerLock.ProbeDirectory(path);
    }
}
