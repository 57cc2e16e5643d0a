using ReliableQueue.Broker;
using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.Sqlite;

/// <summary>
/// Opens the file in four steps: make it when missing, refuse it when it is not ours, set it up, end the leases of an earlier run of the machine. Up to the
/// refusal nothing is written: a file of somebody else is left as it is.
/// </summary>
internal static class FileOpening
{
    // Closing any descriptor of a file drops all locks the process holds on it. So the file is never opened but through SQLite, except to make it, and
    // while one thread makes it no other may open it.
    private static readonly Lock Gate = new();

    public static Connection Open(QueueFile file, string boot)
    {
        lock (Gate)
        {
            Make(file.Path);
            var connection = Connection.Open(file.Path);
            try
            {
                Examine(connection, file);
                SetUp(connection, file);
                EndLeasesOfAnotherBoot(connection, boot, file.Environment.Now);
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    /// <summary>Refuses a file that is not ours, or is of a version that we cannot use.</summary>
    public static void Examine(Connection connection, QueueFile file)
    {
        var application = connection.Number("PRAGMA application_id");
        var (version, lowestReader) = Migrations.VersionOf(connection);
        if (application == Migrations.ApplicationId && lowestReader > file.Migrations.Version)
        {
            throw Refused(
                file.Path,
                $"has format {version}, written by a newer version of this library; libraries of format {lowestReader} and later can use it, and this one is of format {file.Migrations.Version}. Update this program");
        }

        if (application == Migrations.ApplicationId && lowestReader == 0)
        {
            throw Refused(file.Path, "has no version that this library knows. Restore a copy, or move it away with its -wal and -shm");
        }

        if (application != Migrations.ApplicationId && (application != 0 || connection.Number("SELECT count(*) FROM sqlite_schema") != 0))
        {
            throw Refused(file.Path, "is a database of another program. Name another file");
        }

        // SQLite reads what is missing of its last page as zeros. While there is a log, a kill in the middle of moving it into the file leaves such a page, and the log mends it.
        if (new FileInfo(file.Path).Length % connection.Number("PRAGMA page_size") != 0 && new FileInfo(file.Path + "-wal") is not { Exists: true, Length: > 0 })
        {
            throw Refused(file.Path, "was cut off in the middle of a page. Restore a copy");
        }
    }

    private static void Make(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        if (Directory.Exists(path))
        {
            throw Refused(path, $"is a directory. Name a file in it, for example '{Path.Combine(path, "queue.db")}'");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        var directory = Path.GetDirectoryName(path) ?? path;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        try
        {
            using var file = new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it between the two lines.
        }
    }

    private static BrokerException Refused(string path, string why) => new(BrokerFault.Refused, $"Queue file '{path}' {why}; it was left as it is.");

    private static void SetUp(Connection connection, QueueFile file)
    {
        connection.TakeOver();
        using (var journal = connection.Use("PRAGMA journal_mode = WAL"))
        {
            if (!journal.Step() || journal.Text(0) != "wal")
            {
                throw Refused(file.Path, "cannot have a write-ahead log, as on network file systems. Use a local disk");
            }
        }

        connection.Execute(Schema.Settings);
        var version = Migrations.VersionOf(connection).Version;
        if (version < file.Migrations.Version)
        {
            Write(connection, file.Migrations.Run);
            if (version > 0)
            {
                SqliteLog.Migrated(file.Logger, file.Path, version, file.Migrations.Version);
            }
        }
    }

    private static void EndLeasesOfAnotherBoot(Connection connection, string boot, long now)
    {
        if (BootOf(connection) != boot)
        {
            Write(connection, inside => EndLeases(inside, boot, now));
        }
    }

    // Whoever held them died with the machine. The next lease call reclaims them as it does any that ran out: counted, as worker losses.
    private static void EndLeases(Connection connection, string boot, long now)
    {
        // A queue whose row is damaged is left as it is: nobody can use it.
        foreach (var queue in QueueTable.All(connection, damaged: []))
        {
            foreach (var row in MessageTable.InLine(connection, queue, Line.Leased, long.MaxValue, int.MaxValue))
            {
                MessageTable.Move(connection, queue, row with { Place = 0 });
            }
        }

        using var lanes = connection.Use("UPDATE call SET seen = ?");
        using var fenced = connection.Use("UPDATE fenced SET seen = ?");
        using var machine = connection.Use("INSERT OR REPLACE INTO machine (number, boot, crc) VALUES (1, ?, ?)");
        lanes.With(now).Run();
        fenced.With(now).Run();
        WorkerTable.Clear(connection);
        machine.With(boot).With(ChecksumOf(boot)).Run();
    }

    // A boot id that changed on the disk is no boot id: rather end leases early, when a handler's second run is fenced, than keep one until a clock reaches a time of another run.
    private static string? BootOf(Connection connection)
    {
        using var select = connection.Use("SELECT boot, crc FROM machine WHERE number = 1");
        return select.Step() && select.Text(0) is { } boot && ChecksumOf(boot) == select.Number(1) ? boot : null;
    }

    private static long ChecksumOf(string boot) => RowChecksum.Of("machine", 1).With(boot).Value;

    private static void Write(Connection connection, Action<Connection> step)
    {
        if (!connection.TryBegin())
        {
            throw new SqliteFailure(raw.SQLITE_BUSY, "busy while it was opened");
        }

        step(connection);
        connection.Execute("COMMIT");
    }
}
