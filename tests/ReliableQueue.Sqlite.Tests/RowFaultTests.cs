using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
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
        var worker = new ContractClient(broker, Queue);
        await worker.EnqueueAsync(1);
        await worker.SettleAsync((await worker.LeaseAsync())[0], Settlement.Ack.Instance);
        using var stranger = Connection.Open(file.Path);
        Hold(stranger);
        stranger.Execute(TriggersOf(stranger, undo) + $"INSERT INTO injected VALUES ({failing}); COMMIT");
        var written = 0;
        var failed = 0;

        async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
        {
            var (before, left) = (Dump(stranger), stranger.Number("SELECT n FROM injected"));
            try
            {
                return await call();
            }
            catch (BrokerException fault)
            {
                failed++;
                // A renewal can always be made again, so nothing is said of it.
                var said = name == "renew" ? BrokerFault.Unknown : BrokerFault.Refused;
                Assert.True(fault.Fault == said, $"row {failing}, {name}: said to be {fault.Fault}");
                Assert.True(before == Dump(stranger), $"row {failing}, {name}: half done");
                Hold(stranger);
                stranger.Execute($"UPDATE injected SET n = {Never}; COMMIT");
                left = Never;
                return await call();
            }
            finally
            {
                written += (int)(left - stranger.Number("SELECT n FROM injected"));
            }
        }

        var enqueue = worker.NextEnqueue(ContractClient.NewMessages(6));
        var (lease, reclaim) = (worker.NextLease(), worker.NextLease(0));
        Assert.Equal(CallStanding.Applied, (await CallAsync("enqueue", () => worker.SendAsync(enqueue))).Standing);
        var held = (await CallAsync("lease", () => worker.SendAsync(lease))).Messages;
        Assert.Equal((6, 6), (held.Count, held.Sum(message => message.DeliveryCount)));
        using var renewal = broker.OpenRenewalConnection();
        var renewed = await CallAsync(
            "renew", () => Task.Run(() => renewal.Renew(Queue, [.. held.Select(message => message.Lease)], TimeSpan.FromMinutes(1))));
        Assert.All(renewed, result => Assert.Equal(RenewResult.Renewed, result));
        Settlement[] ways =
        [
            Settlement.Ack.Instance, new Settlement.Retry(TimeSpan.Zero), new Settlement.Release(TimeSpan.FromMinutes(1)),
            new Settlement.DeadLetter(DeadLetterReason.Rejected, "no"),
        ];
        SettleRequest[] settlements = [.. ways.Select((way, i) => new SettleRequest(held[i].Lease, way))];
        Assert.All(await CallAsync("settle", () => broker.SettleAsync(Queue, settlements, Cancel)), result => Assert.Equal(SettleResult.Settled, result));
        file.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, (await CallAsync("reclaim", () => worker.SendAsync(reclaim))).Reclaimed);
        var second = new ContractClient(broker, Queue);
        var again = second.NextLease();
        Assert.Equal(7, (await CallAsync("lease again", () => second.SendAsync(again))).Messages.Sum(message => message.DeliveryCount));
        Assert.Equal(4, (await CallAsync("return", () => second.ReturnAsync())).Returned);

        var counts = await broker.GetStatisticsAsync(Queue, Cancel);
        Assert.Equal((4, 0, 0, 1), (counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered));
        var last = await new ContractClient(broker, Queue).LeaseAsync(suspects: 10);
        Assert.Equal(11, last.Sum(message => message.DeliveryCount));
        Assert.True(failing == Never || failed == 1, $"row {failing} was never written");
        return written;
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

    /// <summary>Every row of every table, as text.</summary>
    private static string Dump(Connection stranger)
    {
        List<string> tables = [];
        using (var names = stranger.Use(
            "SELECT 'SELECT ' || group_concat('quote(\"' || c.name || '\")', ' || '','' || ') || ' FROM \"' || t.name || '\"' "
            + "FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name"))
        {
            while (names.Step())
            {
                tables.Add(names.Text(0) ?? "");
            }
        }

        List<string> rows = [];
        foreach (var table in tables)
        {
            using var read = stranger.Use(table);
            while (read.Step())
            {
                rows.Add(table + read.Text(0));
            }
        }

        return string.Join('\n', rows);
    }
}
