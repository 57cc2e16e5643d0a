using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

public sealed class StateFileTests : IDisposable
{
    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Everything_recorded_is_there_after_reopening()
    {
        var rejection = folder.NewRejection("a\0b é 漢 \U0001F600", [0, 255, 7]);
        StateRecord[] records =
        [
            rejection, folder.NewCompletion(), folder.NewUnsent(Settlement.Ack.Plain), folder.NewUnsent(new Settlement.Retry(TimeSpan.FromSeconds(7), "no route to host")),
            folder.NewUnsent(new Settlement.Release(TimeSpan.Zero)), folder.NewUnsent(new Settlement.DeadLetter(DeadLetterReason.DeliveryLimit, null)),
        ];
        var session = folder.NewSession();
        await using (var first = await folder.OpenAsync())
        {
            Assert.Empty(await first.BeginSessionAsync(session));
            Assert.Null(first.Epoch());
            await first.NoteEpochAsync(41);
            await first.NoteEpochAsync(42);
            await first.RecordAsync(records[..3]);
            await first.RecordAsync(records[3..]);
            first.NoteLastCall(session, 9);
            Assert.Empty(first.Unconfirmed());
        }

        await using var second = await folder.OpenAsync();
        Assert.Equal(0, second.DamagedRows);
        Assert.Equal(42, second.Epoch());
        Assert.Equal([new EarlierSession(session, 9, folder.Time.GetUtcNow())], await second.BeginSessionAsync(folder.NewSession()));
        var replays = second.Unconfirmed();
        Assert.Equal(records.Skip(1), replays.Skip(1));
        var replayed = Assert.IsType<StateRecord.Rejection>(replays[0]);
        Assert.Equal(rejection.Envelope.ToArray(), replayed.Envelope.ToArray());
        Assert.Equal(rejection with { Envelope = default }, replayed with { Envelope = default });
        Assert.Equal(rejection.Settlement, StateFolder.Recall(second, rejection));
        Assert.Equal(Settlement.Ack.Plain, StateFolder.Recall(second, records[1]));
    }

    [Fact]
    public async Task A_session_is_known_as_long_after_its_last_call_as_after_its_begin_however_long_the_run_was()
    {
        var session = folder.NewSession();
        var calledAt = folder.Time.GetUtcNow() + TimeSpan.FromDays(100);
        await using (var first = await folder.OpenAsync())
        {
            await first.BeginSessionAsync(session);
            folder.Time.Advance(TimeSpan.FromDays(100));
            first.NoteLastCall(session, 9);
        }

        folder.Time.Advance(TimeSpan.FromDays(1));
        await using var second = await folder.OpenAsync();
        Assert.Equal([new EarlierSession(session, 9, calledAt)], await second.BeginSessionAsync(folder.NewSession()));
    }

    [Fact]
    public async Task Text_that_is_not_unicode_and_an_empty_payload_are_kept_as_far_as_they_can_be()
    {
        var rejection = folder.NewRejection("lone \uD800 surrogate", []);
        await using (var first = await folder.OpenAsync())
        {
            await first.RecordAsync([rejection]);
        }

        await using var second = await folder.OpenAsync();
        Assert.Equal("lone \uFFFD surrogate", (StateFolder.Recall(second, rejection) as Settlement.DeadLetter)?.Error);
    }

    [Fact]
    public async Task What_was_recorded_survives_a_kill()
    {
        await using var state = await folder.OpenAsync();
        var session = folder.NewSession();
        await state.BeginSessionAsync(session);
        var rejection = folder.NewRejection();
        await state.RecordAsync([rejection]);

        var copy = folder.CopyAsKilled();
        await state.DisposeAsync();
        folder.PutInPlace(copy);
        await using var next = await folder.OpenAsync();

        Assert.NotNull(StateFolder.Recall(next, rejection));
        Assert.Single(next.Unconfirmed());
        Assert.Equal([session], (await next.BeginSessionAsync(folder.NewSession())).Select(each => each.Session));
    }

    [Fact]
    public async Task A_commit_is_synced_to_disk_before_it_counts()
    {
        await using var state = await folder.OpenAsync();
        (string? Journal, long Synchronous) found = default;
        state.OnTransaction = connection =>
        {
            using var journal = connection.Use("PRAGMA journal_mode");
            found = (journal.Step() ? journal.Text(0) : null, connection.Number("PRAGMA synchronous"));
        };

        await state.RecordAsync(folder.NewCompletion());

        // 2 is FULL: what was recorded survives a power loss, not only a kill.
        Assert.Equal(("wal", 2), found);
    }

    [Fact]
    public async Task Concurrent_records_share_a_commit()
    {
        await using var state = await folder.OpenAsync();
        using var begun = new SemaphoreSlim(0);
        using var proceed = new ManualResetEventSlim();
        state.OnTransaction = _ =>
        {
            begun.Release();
            proceed.Wait(StateFolder.Cancellation);
        };
        var first = state.RecordAsync([folder.NewCompletion()]);
        await begun.WaitAsync(StateFolder.Cancellation);
        var others = Enumerable.Range(0, 1000).Select(_ => state.RecordAsync([folder.NewCompletion()])).ToArray();
        Assert.False(first.IsCompleted);

        proceed.Set();
        await Task.WhenAll(others);

        Assert.True(first.IsCompletedSuccessfully);
        Assert.Equal(2, state.Commits);
    }

    [Theory]
    [InlineData(SettleResult.Settled)]
    [InlineData(SettleResult.Already)]
    [InlineData(SettleResult.Stale)]
    public async Task What_the_broker_answered_is_not_replayed_and_still_recalled(SettleResult result)
    {
        StateRecord[] records = [folder.NewRejection(), folder.NewCompletion(), folder.NewUnsent(Settlement.Ack.Plain)];
        await using (var first = await folder.OpenAsync())
        {
            await first.RecordAsync(records);
            Array.ForEach(records, record => first.Confirm(record.Lease, result));
        }

        await using var second = await folder.OpenAsync();
        Assert.Empty(second.Unconfirmed());
        Assert.Equal([true, true, false], records.Select(record => StateFolder.Recall(second, record) is not null));
    }

    [Fact]
    public async Task An_answer_to_a_replay_is_remembered()
    {
        var rejection = folder.NewRejection();
        await using (var first = await folder.OpenAsync())
        {
            await first.RecordAsync([rejection]);
        }

        await using (var second = await folder.OpenAsync())
        {
            Assert.Single(second.Unconfirmed());
            second.Confirm(rejection.Lease, SettleResult.Settled);
            Assert.Empty(second.Unconfirmed());
        }

        await using var third = await folder.OpenAsync();
        Assert.Empty(third.Unconfirmed());
        Assert.NotNull(StateFolder.Recall(third, rejection));
    }

    [Fact]
    public async Task An_answer_is_written_although_nobody_waits_for_it()
    {
        await using var state = await folder.OpenAsync();
        var completion = folder.NewCompletion();
        await state.RecordAsync([completion]);
        var written = new TaskCompletionSource();
        state.OnTransaction = _ => written.SetResult();

        state.Confirm(completion.Lease, SettleResult.Settled);

        await written.Task.WaitAsync(TimeSpan.FromSeconds(30), StateFolder.Cancellation);
    }

    [Fact]
    public async Task A_session_that_ended_is_not_named_again()
    {
        var (left, ended) = (folder.NewSession(), folder.NewSession());
        await using (var first = await folder.OpenAsync())
        {
            await first.BeginSessionAsync(left);
        }

        await using (var second = await folder.OpenAsync())
        {
            Assert.Equal([new EarlierSession(left, 0, folder.Time.GetUtcNow())], await second.BeginSessionAsync(ended));
            Assert.Equal([new EarlierSession(left, 0, folder.Time.GetUtcNow())], await second.BeginSessionAsync(ended));
            Assert.Empty(await second.Journal.BeginSessionAsync(StateFolder.Scope with { Broker = "another" }, ended));
            await second.EndSessionAsync(left);
            await second.EndSessionAsync(ended);
            await second.EndSessionAsync(folder.NewSession());
        }

        await using var third = await folder.OpenAsync();
        Assert.Empty(await third.BeginSessionAsync(folder.NewSession()));
    }

    [Fact]
    public async Task What_is_older_than_its_retention_leaves_memory_and_file()
    {
        StateRecord[] old = [folder.NewRejection(), folder.NewCompletion(), folder.NewUnsent(Settlement.Ack.Plain)];
        var answered = folder.NewRejection();
        await using (var first = await folder.OpenAsync())
        {
            await first.BeginSessionAsync(folder.NewSession());
            await first.RecordAsync([.. old, answered]);
            first.Confirm(answered.Lease, SettleResult.Settled);
            folder.Time.Advance(TimeSpan.FromDays(31));
            await first.ProbeAsync();
            Assert.Null(StateFolder.Recall(first, answered));
        }

        await using var second = await folder.OpenAsync();
        Assert.Empty(second.Unconfirmed());
        Assert.All(old, record => Assert.Null(StateFolder.Recall(second, record)));
        Assert.Empty(await second.BeginSessionAsync(folder.NewSession()));
        await second.DisposeAsync();
        using var database = StateDatabase.Open(folder.FilePath);
        Assert.Equal(0, database.Number("SELECT (SELECT count(*) FROM records) + (SELECT count(*) FROM answers) + (SELECT count(*) FROM probes)"));
    }

    [Fact]
    public async Task DisposeAsync_Twice_ThenUsed_SaysSo()
    {
        var state = await folder.OpenAsync();
        await state.DisposeAsync();
        await state.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => state.RecordAsync([folder.NewCompletion()]));
        await Assert.ThrowsAsync<ObjectDisposedException>(state.ProbeAsync);
        state.Confirm(folder.NewLease(), SettleResult.Settled);
    }
}
