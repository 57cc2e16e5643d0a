using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ReliableQueue.Soak;

/// <summary>What is left in a queue file at rest, and what of it should not be there.</summary>
internal static class SqliteRemains
{
    /// <param name="path">The file.</param>
    /// <param name="deadLetters">How many dead letters there are; no other message may be left.</param>
    /// <param name="starts">How many processes were started on it.</param>
    public static StoreState Inspect(string path, long deadLetters, int starts)
    {
        using var file = Open(path);
        var integrity = (string)(Scalar(file, "PRAGMA integrity_check") ?? "");
        var (messages, envelopes, letters) = (Count(file, "message"), Count(file, "envelope"), Count(file, "failure"));
        var (calls, fenced) = (Count(file, "call"), Count(file, "fenced"));
        List<string> faults = [];
        if (integrity != "ok")
        {
            faults.Add($"integrity_check: {integrity}");
        }

        if (messages != deadLetters || envelopes != deadLetters || letters != deadLetters)
        {
            faults.Add($"{messages} messages, {envelopes} envelopes and {letters} reasons of dead letters are stored, {deadLetters} dead letters are expected");
        }

        if (calls > 2 * starts + 64 || fenced > 2 * starts + 64)
        {
            faults.Add($"{calls} call records and {fenced} fenced sessions after {starts} starts");
        }

        if (Count(file, "worker") is var listed && listed > starts)
        {
            faults.Add($"{listed} workers are listed after {starts} starts");
        }

        return new StoreState(string.Create(CultureInfo.InvariantCulture, $"{messages} rows of dead letters, {calls} call records, integrity_check {integrity}"), faults);
    }

    /// <summary>A connection of a pool would go on holding what it held.</summary>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 60 }.ToString());
        connection.Open();
        return connection;
    }

    public static object? Scalar(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }

    private static long Count(SqliteConnection connection, string table) => (long)(Scalar(connection, $"SELECT COUNT(*) FROM {table}") ?? 0L);
}
