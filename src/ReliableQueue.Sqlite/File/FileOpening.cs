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

    public static Connection Open(string path, string boot, BrokerEnvironment environment)
    {
        lock (Gate)
        {
            Make(path);
            var connection = Connection.Open(path);
            try
            {
                Examine(connection, path);
                SetUp(connection, path);
                EndLeasesOfAnotherBoot(connection, boot, environment.Now);
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    private static void Make(string path)
    {
        if (File.Exists(path))
        {
            return;
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

    private static void Examine(Connection connection, string path)
    {
        var application = connection.Number("PRAGMA application_id");
        var version = connection.Number("PRAGMA user_version");
        if (application == Schema.ApplicationId && version > Schema.Version)
        {
            throw Refused(path, $"has format {version}, written by a later release; this one reads up to {Schema.Version}. Update this program");
        }

        var isOurs = application == Schema.ApplicationId && version == Schema.Version;
        if (!isOurs && (application != 0 || connection.Number("SELECT count(*) FROM sqlite_schema") != 0))
        {
            throw Refused(path, "is a database of another program. Name another file");
        }

        // SQLite reads what is missing of its last page as zeros. While there is a log, a kill in the middle of moving it into the file leaves such a page, and the log mends it.
        if (new FileInfo(path).Length % connection.Number("PRAGMA page_size") != 0 && new FileInfo(path + "-wal") is not { Exists: true, Length: > 0 })
        {
            throw Refused(path, "was cut off in the middle of a page. Restore a copy");
        }
    }

    private static BrokerException Refused(string path, string why) => new(BrokerFault.Refused, $"Queue file '{path}' {why}; it was left as it is.");

    private static void SetUp(Connection connection, string path)
    {
        connection.TakeOver();
        using (var journal = connection.Use("PRAGMA journal_mode = WAL"))
        {
            if (!journal.Step() || journal.Text(0) != "wal")
            {
                throw Refused(path, "cannot have a write-ahead log, as on network file systems. Use a local disk");
            }
        }

        connection.Execute(Schema.Settings);
        if (connection.Number("PRAGMA user_version") == 0)
        {
            Write(connection, Create);
        }
    }

    private static void Create(Connection connection)
    {
        // Another process may have been first since the look outside the transaction.
        if (connection.Number("PRAGMA user_version") == 0)
        {
            connection.Execute(Schema.Create);
            connection.Execute("INSERT INTO machine (boot) VALUES ('')");
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
        using var ended = connection.Use("UPDATE message SET place = 0 WHERE state = 3");
        using var lanes = connection.Use("UPDATE call SET seen = ?");
        using var fenced = connection.Use("UPDATE fenced SET seen = ?");
        using var machine = connection.Use("UPDATE machine SET boot = ?");
        ended.Run();
        lanes.With(now).Run();
        fenced.With(now).Run();
        machine.With(boot).Run();
    }

    private static string? BootOf(Connection connection)
    {
        using var boot = connection.Use("SELECT boot FROM machine");
        return boot.Step() ? boot.Text(0) : null;
    }

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
