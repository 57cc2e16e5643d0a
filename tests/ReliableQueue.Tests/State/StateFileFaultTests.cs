using ReliableQueue.Broker;
using ReliableQueue.State;
using ReliableQueue.Storage;

namespace ReliableQueue.Tests.State;

public sealed class StateFileFaultTests : IDisposable
{
    private const int IoError = 1034;
    private const int Corrupt = 11;

    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_full_disk_is_reported_and_left_behind_when_space_returns()
    {
        await using var state = await folder.OpenAsync();
        var before = folder.NewRejection();
        await state.RecordAsync([before]);
        state.OnTransaction = Fill;

        var lost = folder.NewRejection(envelope: new byte[50_000]);
        var exception = await Assert.ThrowsAsync<StateFileException>(() => state.RecordAsync([lost]));
        Assert.Equal(folder.FilePath, exception.Path);
        Assert.Contains("disk is full", exception.Message, StringComparison.Ordinal);
        Assert.Equal(exception.Message, state.Fault);
        await state.ProbeAsync();
        Assert.NotNull(state.Fault);

        // What it knows it still tells, and answers still count.
        Assert.NotNull(StateFolder.Recall(state, before));
        Assert.Null(StateFolder.Recall(state, lost));
        state.Confirm(before.Lease, SettleResult.Settled);

        state.OnTransaction = null;
        await state.ProbeAsync();
        Assert.Null(state.Fault);
        await state.RecordAsync([lost]);
        await state.DisposeAsync();

        await using var next = await folder.OpenAsync();
        Assert.Equal(lost.Lease, Assert.Single(next.Unconfirmed()).Lease);
    }

    [Fact]
    public async Task A_disk_that_is_too_full_for_a_large_record_stays_a_fault_although_small_ones_still_fit()
    {
        await using var state = await folder.OpenAsync();
        await state.RecordAsync([folder.NewCompletion()]);
        state.OnTransaction = connection => LimitPages(connection, 40);
        var large = folder.NewRejection(envelope: new byte[200_000]);
        await Assert.ThrowsAsync<StateFileException>(() => state.RecordAsync([large]));

        // A worker that leased again would reject again, and could not write that down either.
        await state.ProbeAsync();
        Assert.Contains("disk is full", state.Fault, StringComparison.Ordinal);
        var small = folder.NewCompletion();
        await state.RecordAsync([small]);
        Assert.NotNull(state.Fault);
        Assert.NotNull(StateFolder.Recall(state, small));

        state.OnTransaction = connection => LimitPages(connection, 1000);
        await state.ProbeAsync();
        Assert.Null(state.Fault);
        await state.RecordAsync([large]);
    }

    [Fact]
    public async Task What_was_acknowledged_before_and_after_a_full_disk_is_there_and_nothing_else()
    {
        // A file system that is really full where one may be mounted, a limit on pages elsewhere.
        var isMounted = StateFolder.TryShell($"mount -t tmpfs -o size=640k none '{folder.Folder}' 2>/dev/null");
        try
        {
            await using var state = await folder.OpenAsync();
            var ballast = Path.Combine(folder.Folder, "ballast");
            _ = isMounted && StateFolder.TryShell($"cat /dev/zero > '{ballast}' 2>/dev/null");
            state.OnTransaction = isMounted ? null : Fill;
            List<StateRecord> recorded = [];
            await Assert.ThrowsAsync<StateFileException>(async () =>
            {
                while (recorded.Count < 1000)
                {
                    var next = folder.NewCompletion();
                    await state.RecordAsync([next]);
                    recorded.Add(next);
                }
            });
            await state.ProbeAsync();
            Assert.NotNull(state.Fault);

            File.Delete(ballast);
            state.OnTransaction = null;
            await state.ProbeAsync();
            Assert.Null(state.Fault);
            recorded.Add(folder.NewCompletion());
            await state.RecordAsync([recorded[^1]]);
            await state.DisposeAsync();

            await using var next = await folder.OpenAsync();
            Assert.Equal(recorded, next.Unconfirmed());
        }
        finally
        {
            _ = isMounted && StateFolder.TryShell($"umount '{folder.Folder}'");
        }
    }

    [Fact]
    public async Task An_io_error_fails_every_record_of_its_group_and_none_is_half_there()
    {
        await using var state = await folder.OpenAsync();
        using var begun = new SemaphoreSlim(0);
        using var proceed = new ManualResetEventSlim();
        state.OnTransaction = _ =>
        {
            begun.Release();
            proceed.Wait(StateFolder.Cancellation);
            throw new SqliteFailure(IoError, "disk I/O error");
        };
        var first = state.RecordAsync([folder.NewCompletion(), folder.NewCompletion()]);
        await begun.WaitAsync(StateFolder.Cancellation);
        var second = state.RecordAsync([folder.NewCompletion()]);
        proceed.Set();

        await Assert.ThrowsAsync<StateFileException>(() => first);
        await Assert.ThrowsAsync<StateFileException>(() => second);
        Assert.Contains("1034", state.Fault, StringComparison.Ordinal);

        state.OnTransaction = null;
        var later = folder.NewCompletion();
        await state.RecordAsync([later]);
        await state.ProbeAsync();
        Assert.Null(state.Fault);
        await state.DisposeAsync();
        await using var next = await folder.OpenAsync();
        Assert.Equal([later], next.Unconfirmed());
    }

    [Fact]
    public async Task Corruption_found_while_running_is_a_fault_and_no_crash()
    {
        await using var state = await folder.OpenAsync();
        state.OnTransaction = _ => throw new SqliteFailure(Corrupt, "database disk image is malformed");
        await Assert.ThrowsAsync<StateFileException>(() => state.RecordAsync([folder.NewCompletion()]));
        Assert.Contains("is damaged", state.Fault, StringComparison.Ordinal);
        state.OnTransaction = null;

        // Really damaged now: the probe looks before it believes.
        StateFolder.Shell($"printf 'xxxxxxxxxxxxxxxx' | dd of='{folder.FilePath}' bs=1 seek=4096 conv=notrunc status=none; rm -f '{folder.FilePath}-wal'");
        await state.ProbeAsync();
        Assert.Contains("is damaged", state.Fault, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StateFileException>(() => state.RecordAsync([folder.NewCompletion()]));
    }

    [Fact]
    public async Task A_file_taken_away_while_in_use_is_a_fault_until_it_is_back()
    {
        await using var state = await folder.OpenAsync();
        var kept = folder.NewCompletion();
        await state.RecordAsync([kept]);
        File.Move(folder.FilePath, folder.FilePath + ".away");
        await Assert.ThrowsAsync<StateFileException>(() => state.RecordAsync([folder.NewCompletion()]));
        Assert.Contains("moved, removed or replaced", state.Fault, StringComparison.Ordinal);
        await state.ProbeAsync();
        Assert.NotNull(state.Fault);
        Assert.False(File.Exists(folder.FilePath));

        File.Move(folder.FilePath + ".away", folder.FilePath);
        await state.ProbeAsync();
        Assert.Null(state.Fault);
        await state.DisposeAsync();
        await using var next = await folder.OpenAsync();
        Assert.NotNull(StateFolder.Recall(next, kept));
    }

    // As many pages as there are now, so that whatever needs a new one fails.
    private static void Fill(Connection connection) => LimitPages(connection, 1);

    private static void LimitPages(Connection connection, int pages) => connection.Execute($"PRAGMA max_page_count = {pages}");
}
