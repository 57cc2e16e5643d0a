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
        var state = SqliteRemains.Inspect(path, deadLetters, starts);
        var (size, log) = (new FileInfo(path).Length, new FileInfo(path + "-wal") is { Exists: true } wal ? wal.Length : 0);
        var description = string.Create(CultureInfo.InvariantCulture, $"{state.Description}, file {size} bytes (bound {MaxFileSize}), log {log} bytes");
        return Task.FromResult(new StoreState(description, size > MaxFileSize || log > 80 << 20 ? [.. state.Faults, $"the file has {size} bytes, its log {log}"] : state.Faults));
    }

    private async Task HoldAsync(string begin, Random random, double least, double most)
    {
        using var stranger = SqliteRemains.Open(path);
        SqliteRemains.Scalar(stranger, begin);
        await Crew.For(random, least, most);
    }
}
