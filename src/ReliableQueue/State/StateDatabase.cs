using ReliableQueue.Storage;

namespace ReliableQueue.State;

/// <summary>The SQLite connection of a state file: rows in, rows out. Used by one thread at a time. Throws <see cref="SqliteFailure"/>.</summary>
internal sealed class StateDatabase : IDisposable
{
    // How long a reader of the file (a backup, sqlite3) may hold up a write, in milliseconds.
    private const string WaitForOthers = "PRAGMA busy_timeout = 1000";

    private readonly Connection connection;

    private StateDatabase(Connection connection) => this.connection = connection;

    /// <summary>Opens a file that exists, if only empty. Changes nothing in it, and closing changes nothing, until <see cref="TakeOver"/>.</summary>
    public static StateDatabase Open(string path)
    {
        var connection = Connection.Open(path);
        try
        {
            connection.Execute(WaitForOthers);
            return new StateDatabase(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The file is ours to write.</summary>
    public void TakeOver()
    {
        connection.TakeOver();

        // FULL: what was recorded must survive a power loss, not only a kill.
        connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    }

    public void Execute(string sql) => connection.Execute(sql);

    /// <summary>The first column of the first row; zero when there is none.</summary>
    public long Number(string sql) => connection.Number(sql);

    /// <summary>The first column of the first row; null when there is none.</summary>
    public string? Text(string sql)
    {
        using var statement = connection.Use(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>The first column of every row.</summary>
    public IReadOnlyList<string> Texts(string sql)
    {
        using var statement = connection.Use(sql);
        List<string> texts = [];
        while (statement.Step())
        {
            texts.Add(statement.Text(0) ?? "");
        }

        return texts;
    }

    public void Create(IEnumerable<StateTable> tables)
    {
        foreach (var table in tables)
        {
            connection.Execute(table.Create);
        }
    }

    public void Write(RowChange change)
    {
        using var statement = connection.Use(change.Columns is null ? change.Table.Delete : change.Table.Put);
        statement.With(change.Row);
        if (change.Columns is { } columns)
        {
            foreach (var column in columns)
            {
                statement.WithColumn(column);
            }

            statement.With(RowChecksum.Of(change.Table.Name, change.Row, columns));
        }

        statement.Run();
    }

    /// <summary>Writes rows in one transaction, synced to disk when it returns.</summary>
    /// <param name="changes">The rows.</param>
    /// <param name="onBegun">Called when the transaction has begun; what it throws ends it.</param>
    public void WriteAll(IReadOnlyList<RowChange> changes, Action<Connection>? onBegun = null)
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
        if (Number("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
        {
            throw new SqliteFailure(StateFileFaults.Busy, "The log could not be emptied.");
        }
    }

    /// <summary>Reads a table in order of its rows; no columns for a row that fails its checksum.</summary>
    public IEnumerable<(long Row, object?[]? Columns)> Read(StateTable table)
    {
        using var statement = connection.Use(table.Select);
        while (statement.Step())
        {
            var row = statement.Number(0);
            var columns = new object?[table.ColumnCount];
            for (var index = 0; index < columns.Length; index++)
            {
                columns[index] = statement.Value(index + 1);
            }

            var isGood = statement.Value(columns.Length + 1) is long checksum && checksum == RowChecksum.Of(table.Name, row, columns);
            yield return (row, isGood ? columns : null);
        }
    }

    public void Dispose() => connection.Dispose();
}
