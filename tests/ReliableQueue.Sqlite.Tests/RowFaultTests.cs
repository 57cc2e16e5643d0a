using ReliableQueue.Broker;
using ReliableQueue.Storage;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>
/// A canned life with a failure at the first, second, third … row that is written: the call says that it was not done, the file is as it was before, and the same
/// call made again when the fault is mended does it.
/// </summary>
public sealed class RowFaultTests : SqliteTest
{
    private const int Never = 1 << 30;

    private static readonly string[] changes = ["INSERT", "UPDATE", "DELETE"];

    /// <summary>What SQLite undoes of its own accord: the statement, or the whole transaction with the other calls of its group.</summary>
    [Theory]
    [InlineData("ABORT")]
    [InlineData("ROLLBACK")]
    public async Task A_call_whose_writing_fails_at_any_row_is_undone_whole_and_done_when_it_is_repeated(string undo)
    {
        var rows = await LiveAsync(undo, Never);
        Assert.InRange(rows, 30, 400);
        for (var row = 1; row <= rows; row++)
        {
            await LiveAsync(undo, row);
        }
    }

    /// <summary>Returns how many rows were written.</summary>
    private static async Task<int> LiveAsync(string undo, int failing)
    {
        using var file = TemporaryFile.InMemory();
        await using var broker = file.Open();
        var life = new QueueLife(broker, Queue, file.Time);
        await life.BeginAsync();
        using var stranger = Connection.Open(file.Path);
        Hold(stranger);
        stranger.Execute(TriggersOf(stranger, undo) + $"INSERT INTO injected VALUES ({failing}); COMMIT");
        var fault = new RowFault(stranger, failing);
        await life.LiveAsync(fault);
        Assert.True(failing == Never || fault.Failed == 1, $"row {failing} was never written");
        return fault.Written;
    }

    private static string TriggersOf(Connection stranger, string undo)
    {
        var triggers = new List<string> { "CREATE TABLE injected (n INTEGER);" };
        using var tables = stranger.Use("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        while (tables.Step())
        {
            var table = tables.Text(0);
            triggers.AddRange(changes.Select(change =>
                $"CREATE TRIGGER injected_{table}_{change} BEFORE {change} ON \"{table}\" BEGIN UPDATE injected SET n = n - 1; "
                + $"SELECT RAISE({undo}, 'injected fault') WHERE (SELECT n FROM injected) = 0; END;"));
        }

        return string.Concat(triggers);
    }

    private sealed class RowFault(Connection stranger, int failing) : ICallFault
    {
        public int Written { get; private set; }

        public int Failed { get; private set; }

        public bool WasDoneTwice => false;

        public async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
        {
            var (before, left) = (QueueRows.Dump(stranger), stranger.Number("SELECT n FROM injected"));
            try
            {
                return await call();
            }
            catch (BrokerException fault)
            {
                Failed++;

                // A renewal can always be made again, so nothing is said of it.
                var said = name == "renew" ? BrokerFault.Unknown : BrokerFault.Refused;
                Assert.True(fault.Fault == said, $"row {failing}, {name}: said to be {fault.Fault}");
                Assert.True(before == QueueRows.Dump(stranger), $"row {failing}, {name}: half done");
                Hold(stranger);
                stranger.Execute($"UPDATE injected SET n = {Never}; COMMIT");
                left = Never;
                return await call();
            }
            finally
            {
                Written += (int)(left - stranger.Number("SELECT n FROM injected"));
            }
        }
    }
}
