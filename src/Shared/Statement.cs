using ReliableQueue.Broker;
using SQLitePCL;

namespace ReliableQueue.Storage;

/// <summary>A prepared statement, kept by its connection and used again. Disposing ends the use, not the statement.</summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 handle;
    private readonly sqlite3_stmt statement;
    private int bound;

    public Statement(sqlite3 handle, string sql)
    {
        this.handle = handle;
        Check(raw.sqlite3_prepare_v3(handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement));
    }

    /// <summary>Binds the next parameter.</summary>
    public Statement With(long value)
    {
        Check(raw.sqlite3_bind_int64(statement, ++bound, value));
        return this;
    }

    /// <inheritdoc cref="With(long)"/>
    public Statement With(string? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(statement, ++bound) : raw.sqlite3_bind_text(statement, ++bound, value));
        return this;
    }

    /// <inheritdoc cref="With(long)"/>
    public Statement With(ReadOnlySpan<byte> value)
    {
        // An empty span has no address, and SQLite takes an address of zero for NULL.
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, ++bound, 0) : raw.sqlite3_bind_blob(statement, ++bound, value));
        return this;
    }

    /// <inheritdoc cref="With(long)"/>
    public Statement With(MessageId value)
    {
        Span<byte> bytes = stackalloc byte[MessageId.ByteLength];
        value.WriteTo(bytes);
        return With(bytes);
    }

    /// <inheritdoc cref="With(long)"/>
    public Statement With(LeaseToken value) => With(value.Session.Value).With(value.Fence);

    /// <summary>Binds the next parameter to a column as <see cref="Value"/> gives it: a long, a string, bytes or null.</summary>
    public Statement WithColumn(object? value) => value switch
    {
        long number => With(number),
        string text => With(text),
        byte[] blob => With(blob),
        null => With(default(string)),
        _ => throw new ArgumentException($"SQLite does not store a {value.GetType()}.", nameof(value)),
    };

    /// <summary>Moves to the next row; false after the last.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw SqliteFailure.Of(handle, code),
        };
    }

    /// <summary>Runs to the end and says how many rows changed.</summary>
    public int Run()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(handle);
    }

    public long Number(int column) => raw.sqlite3_column_int64(statement, column);

    public int Int(int column) => raw.sqlite3_column_int(statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(statement, column).utf8_to_string();

    /// <summary>A column whatever it holds: a long, a string, bytes, null, or a double, which nobody stores.</summary>
    public object? Value(int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_INTEGER => Number(column),
        raw.SQLITE_TEXT => Text(column),
        raw.SQLITE_BLOB => Bytes(column).ToArray(),
        raw.SQLITE_NULL => null,
        _ => raw.sqlite3_column_double(statement, column),
    };

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(statement, column);

    public MessageId Id(int column) => MessageId.Read(Bytes(column));

    public void Dispose()
    {
        // The code of a reset repeats what the failed step already threw.
        _ = raw.sqlite3_reset(statement);

        // Or a large envelope would stay in memory until the next one.
        _ = raw.sqlite3_clear_bindings(statement);
        bound = 0;
    }

    public void Close() => statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw SqliteFailure.Of(handle, code);
        }
    }
}
