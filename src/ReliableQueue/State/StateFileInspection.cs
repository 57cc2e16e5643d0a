using Microsoft.Data.Sqlite;

namespace ReliableQueue.State;

/// <summary>Looks at a state file before the host starts, so that a wrong path or a bad file is a start error with a text and not a silent worker.</summary>
internal static class StateFileInspection
{
    // Older ones can be made to corrupt memory by a query (CVE-2025-6965).
    private static readonly Version OldestLibrary = new(3, 50, 2);

    /// <summary>Creates the directory when it is missing; changes no state file.</summary>
    /// <exception cref="StateFileException">The file cannot be used.</exception>
    public static void Run(string path)
    {
        if (FaultOfLibrary(path, StateDatabase.LibraryVersion) is { } outdated)
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

        if (File.Exists(path))
        {
            InspectContent(path);
        }
    }

    public static StateFileException? FaultOfLibrary(string path, Version version) =>
        version < OldestLibrary ? StateFileFaults.Library(path, version, OldestLibrary) : null;

    private static void MakeDirectory(string path)
    {
        var directory = Path.GetDirectoryName(path) ?? throw StateFileFaults.Foreign(path, "it is the root directory");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else if (!Directory.Exists(directory))
        {
            // The file holds payloads of rejected messages: nobody else's business.
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

    private static void InspectContent(string path)
    {
        try
        {
            using var database = StateDatabase.OpenReadOnly(path);
            if (StateSchema.FaultOf(path, database) is { } fault)
            {
                throw fault;
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is StateFileFaults.Busy or StateFileFaults.Locked)
        {
            // Its owner is just starting or ending. It is inspected again when it is ours.
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == StateFileFaults.NotADatabase)
        {
            throw StateFileFaults.Foreign(path, "it is not a SQLite database", exception);
        }
        catch (SqliteException exception)
        {
            throw StateFileFaults.Of(path, exception);
        }
    }
}
