using SQLitePCL;

namespace ReliableQueue.Storage;

/// <summary>One SQLite connection, used by one thread at a time. It never waits: a busy file answers at once, and the caller decides how long it is worth it.</summary>
internal sealed class Connection : IDisposable
{
    private readonly sqlite3 handle;
    private readonly Dictionary<string, Statement> statements = [];

    static Connection() => Batteries_V2.Init();

    private Connection(sqlite3 handle) => this.handle = handle;

    /// <summary>Whether a transaction is open. After a failure it may not be: SQLite undoes the whole transaction on some.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(handle) == 0;

    /// <summary>SQLite's own handle, for a test that makes SQLite itself fail.</summary>
    public sqlite3 Handle => handle;

    /// <summary>For example 3050004 for 3.50.4.</summary>
    public static int LibraryVersion => raw.sqlite3_libversion_number();

    /// <summary>Opens a file that exists. Closing it again changes nothing in it until <see cref="TakeOver"/>.</summary>
    public static Connection Open(string path)
    {
        var code = raw.sqlite3_open_v2(path, out var handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, null);
        var connection = new Connection(handle);
        try
        {
            connection.Check(code);
            connection.Check(raw.sqlite3_extended_result_codes(handle, 1));
            connection.Check(raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The file is ours: from now on the last connection to close puts the log back into it.</summary>
    public void TakeOver() => Check(raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, out _));

    /// <summary>A prepared statement for this text, with nothing bound. Dispose it to end the use.</summary>
    public Statement Use(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            statement = new Statement(handle, sql);
            statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>Several statements of no result, once.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(handle, sql));

    /// <summary>One statement of no result, again and again.</summary>
    public void Run(string sql)
    {
        using var statement = Use(sql);
        statement.Run();
    }

    /// <summary>The first column of the first row; zero when there is none.</summary>
    public long Number(string sql)
    {
        using var statement = Use(sql);
        return statement.Step() ? statement.Number(0) : 0;
    }

    /// <summary>Takes the one write lock of the file; false when somebody else has it. Every write starts here: a read that turns into a write can deadlock.</summary>
    public bool TryBegin()
    {
        var code = raw.sqlite3_exec(handle, "BEGIN IMMEDIATE");
        return (code & 0xFF) switch
        {
            raw.SQLITE_OK => true,
            raw.SQLITE_BUSY => false,
            _ => throw SqliteFailure.Of(handle, code),
        };
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Close();
        }

        handle.Dispose();
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw SqliteFailure.Of(handle, code);
        }
    }
}
