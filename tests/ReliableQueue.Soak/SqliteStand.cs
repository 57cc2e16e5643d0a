using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ReliableQueue.Soak;

/// <summary>A broker file, and a stranger that has it open too.</summary>
internal sealed class SqliteStand : Stand
{
    private const long MaxFileSize = 24 << 20;

    private readonly string path;

    public SqliteStand(string folder) => path = Path.Combine(folder, "queue.db");

    protected override string StraightAddress => $"sqlite:{path}";

    /// <summary>Every call waits its turn at the one file, and the faults hold the file: more at a time keep up.</summary>
    public override int Slots => 32;

    public override Task<string> VersionAsync() => Task.FromResult($"SQLite {new SqliteConnection().ServerVersion}, WAL, synchronous=FULL");

    public override string AddressOf(string process) => $"sqlite:{path};max={MaxFileSize}";

    public override IReadOnlyList<Fault> Faults(Member producer) =>
    [
        new("the file is locked by another process, shorter than a call may take", 40, random => HoldAsync("BEGIN IMMEDIATE", random, 0.05, 1.5)),
        new("the file is locked by another process, longer than a lease and a call", 3, random => HoldAsync("BEGIN IMMEDIATE", random, 5.5, 7)),
        new("another process reads one old state of the file", 20, random => HoldAsync("BEGIN; SELECT COUNT(*) FROM message", random, 0.5, 6)),
        new("another process truncates the log", 20, async random =>
        {
            await HoldAsync("PRAGMA wal_checkpoint(TRUNCATE)", random, 0, 0);
            await Crew.For(random, 0.1, 1);
        }),
        new("the file is full", 3, async random =>
        {
            await producer.AskAsync("burst", "burst ");
            await Crew.For(random, 0.5, 2);
        }),
    ];

    public override Task HealAsync() => Task.CompletedTask;

    public override Task<StoreState> InspectAsync(long deadLetters, int starts)
    {
        using var file = Open();
        var integrity = (string)(Scalar(file, "PRAGMA integrity_check") ?? "");
        var (messages, envelopes, letters, calls) = (Count(file, "message"), Count(file, "envelope"), Count(file, "dead_letter"), Count(file, "call"));
        var (size, log) = (new FileInfo(path).Length, new FileInfo(path + "-wal").Length);
        List<string> faults = [];
        if (integrity != "ok")
        {
            faults.Add($"integrity_check: {integrity}");
        }

        if (messages != deadLetters || envelopes != deadLetters || letters != deadLetters)
        {
            faults.Add($"{messages} messages, {envelopes} envelopes and {letters} dead letters are stored, {deadLetters} dead letters are expected");
        }

        if (calls > 2 * starts + 64)
        {
            faults.Add($"{calls} call records after {starts} starts");
        }

        if (size > MaxFileSize || log > 80 << 20)
        {
            faults.Add($"the file has {size} bytes, its log {log}");
        }

        return Task.FromResult(new StoreState(
            string.Create(CultureInfo.InvariantCulture, $"{messages} rows of dead letters, {calls} call records, file {size} bytes (bound {MaxFileSize}), log {log} bytes, integrity_check {integrity}"),
            faults));
    }

    private async Task HoldAsync(string begin, Random random, double least, double most)
    {
        using var stranger = Open();
        Scalar(stranger, begin);
        await Crew.For(random, least, most);
    }

    private SqliteConnection Open()
    {
        // A connection of a pool would go on holding what it held.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 60 }.ToString());
        connection.Open();
        return connection;
    }

    private static object? Scalar(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }

    private static long Count(SqliteConnection connection, string table) => (long)(Scalar(connection, $"SELECT COUNT(*) FROM {table}") ?? 0L);
}
