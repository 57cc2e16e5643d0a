using Microsoft.Data.Sqlite;
using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.State;

/// <summary>The SQLite connection: rows in, rows out. Used by one thread at a time. Throws <see cref="SqliteException"/>.</summary>
internal sealed class StateDatabase : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> commands = [];

    static StateDatabase() => Batteries_V2.Init();

    private StateDatabase(SqliteConnection connection) => this.connection = connection;

    public static Version LibraryVersion => Version.Parse(raw.sqlite3_libversion().utf8_to_string());

    /// <summary>Opens to look, changing nothing.</summary>
    public static StateDatabase OpenReadOnly(string path) => Open(path, SqliteOpenMode.ReadOnly);

    /// <summary>Opens to write. The file exists already, if only empty: whoever locked it made it.</summary>
    public static StateDatabase Open(string path)
    {
        var database = Open(path, SqliteOpenMode.ReadWrite);
        try
        {
            // FULL: what was recorded must survive a power loss, not only a kill.
            database.Execute("PRAGMA journal_mode = WAL");
            database.Execute("PRAGMA synchronous = FULL");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public void Execute(string sql) => Prepared(sql).ExecuteNonQuery();

    public object? Scalar(string sql) => Prepared(sql).ExecuteScalar();

    public void Write(RowChange change)
    {
        var command = Prepared(change.Columns is null ? change.Table.Delete : change.Table.Put);
        Bind(command, 0, change.Row);
        if (change.Columns is { } columns)
        {
            for (var index = 0; index < columns.Length; index++)
            {
                Bind(command, index + 1, columns[index]);
            }

            Bind(command, columns.Length + 1, RowChecksum.Of(change.Table.Name, change.Row, columns));
        }

        command.ExecuteNonQuery();
    }

    /// <summary>Writes rows in one transaction, synced to disk when it returns.</summary>
    /// <param name="changes">The rows.</param>
    /// <param name="onBegun">Called when the transaction has begun; what it throws ends it.</param>
    public void WriteAll(IReadOnlyList<RowChange> changes, Action<SqliteConnection>? onBegun = null)
    {
        if (changes.Count == 0)
        {
            return;
        }

        Execute("BEGIN IMMEDIATE");
        onBegun?.Invoke(connection);
        foreach (var change in changes)
        {
            Write(change);
        }

        Execute("COMMIT");
    }

    /// <summary>Moves the whole log into the file, syncs the file and empties the log.</summary>
    public void Checkpoint()
    {
        // Answers 1 when a reader was in the way, and then has not emptied the log.
        if (Scalar("PRAGMA wal_checkpoint(TRUNCATE)") is not 0L)
        {
            throw new SqliteException("The log could not be emptied.", StateFileFaults.Busy);
        }
    }

    /// <summary>Reads a table in order of its rows; no columns for a row that fails its checksum.</summary>
    public IEnumerable<(long Row, object?[]? Columns)> Read(StateTable table)
    {
        using var reader = Prepared(table.Select).ExecuteReader();
        while (reader.Read())
        {
            var row = reader.GetInt64(0);
            var columns = new object?[table.ColumnCount];
            for (var index = 0; index < columns.Length; index++)
            {
                columns[index] = reader.GetValue(index + 1) is var value and not DBNull ? value : null;
            }

            var isGood = reader.GetValue(columns.Length + 1) is long checksum && checksum == RowChecksum.Of(table.Name, row, columns);
            yield return (row, isGood ? columns : null);
        }
    }

    public void Dispose()
    {
        foreach (var command in commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private static StateDatabase Open(string path, SqliteOpenMode mode)
    {
        // No pool: closing must really close, because after an I/O error nothing the old handle says can be believed. The timeout is how long a reader of the
        // file (a backup, sqlite3) may hold up a write.
        var text = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 1 };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            return new StateDatabase(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Bind(SqliteCommand command, int index, object? value)
    {
        if (index == command.Parameters.Count)
        {
            command.Parameters.AddWithValue(StateTable.Parameter(index), null);
        }

        command.Parameters[index].Value = value ?? DBNull.Value;
    }

    private SqliteCommand Prepared(string sql)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            command = new SqliteCommand(sql, connection);
            commands.Add(sql, command);
        }

        return command;
    }
}
