using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

/// <summary>A file of every version of the format is opened by the newest library, whole or not at all.</summary>
public sealed class StateFileVersionTests : IDisposable
{
    private static readonly StateTable Labels = new("labels", "text");

    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_stored_file_of_version_1_is_opened_with_all_it_holds()
    {
        // As version 1 wrote it. Never write it anew: a version that cannot open it is wrong.
        File.Copy(Path.Combine(AppContext.BaseDirectory, "State", "Samples", "state-file-1.sample"), folder.FilePath);
        using (var database = StateDatabase.Open(folder.FilePath))
        {
            // It was made on another machine; here it is to be this worker's own.
            database.TakeOver();
            database.WriteAll([new RowChange(StateTable.Identity, 1, [FileIdentity.Machine(), FileIdentity.Of(folder.FilePath)])]);
        }

        await using var state = await folder.OpenAsync();

        Assert.Equal(0, state.DamagedRows);
        Assert.Equal(StoredRecords.Epoch, state.Epoch());
        Assert.Equal([new EarlierSession(StoredRecords.Session, StoredRecords.LastCall, StoredRecords.At)], await state.BeginSessionAsync(folder.NewSession()));
        var replays = state.Unconfirmed();
        Assert.Equal([StoredRecords.Completion, StoredRecords.Unsent], replays.Skip(1));
        var rejection = Assert.IsType<StateRecord.Rejection>(replays[0]);
        Assert.Equal(StoredRecords.Rejection.Envelope.ToArray(), rejection.Envelope.ToArray());
        Assert.Equal(StoredRecords.Rejection with { Envelope = default }, rejection with { Envelope = default });
        Assert.Equal(StoredRecords.Answered.Settlement, StateFolder.Recall(state, StoredRecords.Answered));
    }

    [Fact]
    public async Task A_file_of_a_later_version_that_this_one_may_use_is_used_and_left_to_it()
    {
        var (known, added) = (folder.NewCompletion(), folder.NewCompletion());
        await using (var later = await folder.OpenAsync(schema: WithLabels(lowestReader: 1)))
        {
            await later.RecordAsync(known);
        }

        await using (var state = await folder.OpenAsync())
        {
            Assert.Equal([known], state.Unconfirmed());
            await state.RecordAsync(added);
        }

        await using var again = await folder.OpenAsync(schema: WithLabels(lowestReader: 1, _ => Assert.Fail("It has version 2 already.")));
        Assert.Equal([known, added], again.Unconfirmed());
        Assert.Equal((1, 2), await LabelsAsync(again));
    }

    [Fact]
    public async Task A_file_of_a_later_version_that_this_one_may_not_use_is_called_newer()
    {
        await using (await folder.OpenAsync(schema: WithLabels(lowestReader: 2)))
        {
            // Makes the file.
        }

        var exception = await Assert.ThrowsAsync<StateFileException>(() => folder.OpenAsync());
        Assert.Contains("written by a newer version of ReliableQueue (format 2, for versions that know format 2; this one knows up to 1)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_version_with_something_that_runs_by_itself_is_refused()
    {
        await using (await folder.OpenAsync(schema: WithLabels(lowestReader: 1, database => database.Execute("CREATE TRIGGER forget AFTER INSERT ON records BEGIN DELETE FROM records; END"))))
        {
            // Makes the file.
        }

        var exception = await Assert.ThrowsAsync<StateFileException>(() => folder.OpenAsync());
        Assert.Contains("its tables are not those of its format", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_keeps_every_row()
    {
        StateRecord[] records = [folder.NewRejection(), folder.NewCompletion(), folder.NewUnsent(Settlement.Ack.Plain)];
        var session = folder.NewSession();
        await FillAsync(session, records);

        await using var state = await folder.OpenAsync(schema: WithLabels(lowestReader: 2));

        await AssertWholeAsync(state, session, records);
        Assert.Equal((1, 2), await LabelsAsync(state));
    }

    [Fact]
    public async Task A_migration_that_a_crash_cuts_short_leaves_the_version_before_and_is_made_at_the_next_start()
    {
        StateRecord[] records = [folder.NewRejection(), folder.NewCompletion(), folder.NewUnsent(Settlement.Ack.Plain)];
        var session = folder.NewSession();
        await FillAsync(session, records);
        var copy = "";
        var cutShort = WithLabels(lowestReader: 2, database =>
        {
            // More than SQLite keeps in memory, so that a part of it is in the log when the process dies.
            database.Execute("PRAGMA cache_size = 2");
            for (var row = 2; row < 200; row++)
            {
                database.Write(new RowChange(Labels, row, [new string('x', 3000)]));
            }

            copy = folder.CopyAsKilled();
            throw new IOException("The process dies here.");
        });

        await Assert.ThrowsAsync<StateFileException>(() => folder.OpenAsync(schema: cutShort));
        Assert.True(new FileInfo(copy + "-wal").Length > 100_000);
        folder.PutInPlace(copy);

        await using (var before = await folder.OpenAsync())
        {
            await AssertWholeAsync(before, session, records);
        }

        await using var after = await folder.OpenAsync(schema: WithLabels(lowestReader: 2));
        Assert.Equal((1, 2), await LabelsAsync(after));
    }

    /// <summary>A version 2 that this library does not have: one more table, with one row.</summary>
    private static StateSchema WithLabels(int lowestReader, Action<StateDatabase>? more = null)
    {
        var before = StateSchema.Current.Versions;
        return new StateSchema([.. before, new StateVersion(before.Count + 1, lowestReader, [.. before[^1].Tables, Labels], database =>
        {
            database.Create([Labels]);
            database.Write(new RowChange(Labels, 1, ["first"]));
            more?.Invoke(database);
        })]);
    }

    private async Task FillAsync(SessionId session, StateRecord[] records)
    {
        await using var state = await folder.OpenAsync();
        await state.BeginSessionAsync(session);
        await state.RecordAsync(records);
    }

    private async Task AssertWholeAsync(StateFile state, SessionId session, StateRecord[] records)
    {
        Assert.Equal(records.Select(record => record.Lease), state.Unconfirmed().Select(record => record.Lease));
        Assert.Contains(session, (await state.BeginSessionAsync(folder.NewSession())).Select(earlier => earlier.Session));
    }

    /// <summary>How many rows the table of version 2 has, and the version the file says. Closes the file.</summary>
    private async Task<(long Rows, long Version)> LabelsAsync(StateFile state)
    {
        await state.DisposeAsync();
        using var database = StateDatabase.Open(folder.FilePath);
        return (database.Number("SELECT count(*) FROM labels"), database.Number("PRAGMA user_version") & 0xFFFF);
    }
}

/// <summary>What the stored file of version 1 holds.</summary>
internal static class StoredRecords
{
    public const long Epoch = 4711;
    public const long LastCall = 42;

    public static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static readonly SessionId Session = new(0x1122334455667788);

    public static readonly StateRecord.Rejection Rejection = new(
        LeaseOf(1), 3, new Settlement.DeadLetter(DeadLetterReason.Rejected, "no such address: lübeck"), "send-email", 2, At) { Envelope = new byte[] { 0, 1, 2, 255 } };

    public static readonly StateRecord.Completion Completion = new(LeaseOf(2), 0);

    public static readonly StateRecord.Unsent Unsent = new(LeaseOf(3), 0, new Settlement.Retry(TimeSpan.FromSeconds(90), "timed out"));

    public static readonly StateRecord.Completion Answered = new(LeaseOf(4), 1);

    private static HeldLease LeaseOf(byte number) => new(
        MessageId.Read([0x01, 0x9B, 0x7C, 0xA9, 0x8F, 0x2E, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number]), new LeaseToken(Session, 1_000_000_000_000 + number));
}
