using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.State;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.State;

/// <summary>
/// A file damaged anyhow is refused with a text, or opens and tells the truth, perhaps not all of it. The file is small (pages of 512 bytes), so that every bit of
/// the pages that hold rows can be flipped.
/// </summary>
public sealed class StateFileDamageTests : IDisposable
{
    private const int PageSize = 512;
    private const int Seed = 20260101;

    private readonly StateFolder folder = new(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath());
    private readonly SeededRandom random = new(Seed);
    private readonly SessionId session;
    private readonly List<StateRecord> records = [];
    private readonly string victim;
    private int refused;
    private int truthful;
    private int complete;

    public StateFileDamageTests()
    {
        session = folder.NewSession();
        victim = Path.Combine(folder.Folder, "victim.db");
        File.WriteAllBytes(victim, []);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_flipped_bit_of_the_pages_that_hold_rows()
    {
        var (closed, _, _) = await FillAsync();
        foreach (var page in PagesWithRows(closed))
        {
            foreach (var bit in BitsInUse(Page(closed, page)))
            {
                TryLoad(Flipped(closed, (page * PageSize * 8) + bit), $"bit {bit} of page {page}");
            }
        }

        Report();
        Assert.True(truthful > 1000);
    }

    [Fact]
    public async Task Random_flipped_bits_anywhere_in_file_or_log()
    {
        var (closed, killed, log) = await FillAsync();
        for (var round = 0; round < 500; round++)
        {
            var bit = Next(closed.Length * 8);
            await TryAsync(Flipped(closed, bit), $"bit {bit} of the file");
            bit = Next(log.Length * 8);
            await TryAsync(killed, $"bit {bit} of the log", Flipped(log, bit));
        }

        Report();
    }

    [Fact]
    public async Task Ten_thousand_random_flipped_bits_of_file_and_log()
    {
        var (closed, killed, log) = await FillAsync();
        for (var round = 0; round < 5_000; round++)
        {
            var bit = Next(closed.Length * 8);
            TryLoad(Flipped(closed, bit), $"bit {bit} of the file");
            bit = Next(log.Length * 8);
            TryLoad(killed, $"bit {bit} of the log", Flipped(log, bit));
        }

        Report();
    }

    [Fact]
    public async Task Truncated_at_every_byte_of_four_kilobytes_and_at_many_beyond()
    {
        var (closed, killed, log) = await FillAsync();
        foreach (var length in Lengths(closed.Length - PageSize).Skip(1))
        {
            TryLoad(closed[..length], $"{length} bytes of the file");
        }

        // A page that is there in part counts as there.
        Assert.Equal(0, truthful);
        for (var length = closed.Length - PageSize + 1; length < closed.Length; length++)
        {
            TryLoad(closed[..length], $"{length} bytes of the file");
        }

        // The records come with their commit, all of them at once; then one of them is confirmed.
        var kept = Lengths(log.Length).Select(length => TryLoad(killed, $"{length} bytes of the log", log[..length])).ToList();
        Assert.Equal([0, 4, 3], kept.Where((count, index) => index == 0 || count != kept[index - 1]));
        Report();
    }

    [Fact]
    public async Task Truncated_anywhere()
    {
        var (closed, killed, log) = await FillAsync();
        await TryAsync(closed, "nothing");
        await TryAsync(killed, "nothing", log);
        Assert.Equal((2, 2), (truthful, complete));
        for (var length = 0; length < closed.Length; length += length < 2 * PageSize ? 7 : 61)
        {
            await TryAsync(closed[..length], $"{length} bytes of the file");
        }

        for (var length = 0; length < log.Length; length += 41)
        {
            await TryAsync(killed, $"{length} bytes of the log", log[..length]);
        }

        Report();
    }

    [Fact]
    public async Task Blocks_zeroed_or_swapped()
    {
        var (original, _, _) = await FillAsync();
        var pages = original.Length / PageSize;
        for (var one = 0; one < pages; one++)
        {
            var zeroed = original.ToArray();
            Page(zeroed, one).Clear();
            await TryAsync(zeroed, $"page {one} zeroed");
            for (var other = 0; other < one; other++)
            {
                var swapped = original.ToArray();
                Page(original, one).CopyTo(Page(swapped, other));
                Page(original, other).CopyTo(Page(swapped, one));
                await TryAsync(swapped, $"pages {one} and {other} swapped");
                Page(original, one).CopyTo(Page(swapped, other));
                Page(original, one).CopyTo(Page(swapped, one));
                await TryAsync(swapped, $"page {other} overwritten by {one}");
            }
        }

        Report();
    }

    private static Span<byte> Page(byte[] bytes, int page) => bytes.AsSpan(page * PageSize, PageSize);

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    /// <summary>Every length of up to four kilobytes, and many beyond.</summary>
    private static IEnumerable<int> Lengths(int longest) => Enumerable.Range(0, longest + 1).Where(length => length <= 4096 || length % 29 == 0 || length == longest);

    private static IEnumerable<int> PagesWithRows(byte[] bytes) =>
        Enumerable.Range(1, (bytes.Length / PageSize) - 1)
            .Where(page => bytes[page * PageSize] == 13 && bytes[(page * PageSize) + 4] > 0 && Page(bytes, page).IndexOf("CREATE"u8) < 0);

    /// <summary>All of a page but the gap between its cell pointers and its cells, which nobody reads.</summary>
    private static List<int> BitsInUse(ReadOnlySpan<byte> page)
    {
        var gapBegin = 8 + (2 * BinaryPrimitives.ReadUInt16BigEndian(page[3..]));
        var gapEnd = BinaryPrimitives.ReadUInt16BigEndian(page[5..]);
        return [.. Enumerable.Range(0, gapBegin * 8), .. Enumerable.Range(gapEnd * 8, (PageSize - gapEnd) * 8)];
    }

    private int Next(int below) => (int)(random.NextDouble() * below);

    /// <summary>The file after a clean end, and file and log as a kill leaves them: there the rows are in the log alone.</summary>
    private async Task<(byte[] Closed, byte[] Killed, byte[] Log)> FillAsync()
    {
        var killed = Path.Combine(folder.Folder, "killed");
        await using (var state = await OpenSmallAsync())
        {
            records.AddRange([folder.NewRejection(), folder.NewCompletion(), folder.NewUnsent(new Settlement.Retry(TimeSpan.FromSeconds(1))), folder.NewRejection()]);
            await state.BeginSessionAsync(StateFolder.Scope, session);
            await state.NoteEpochAsync(StateFolder.Scope, 42);
            await state.RecordAsync(records);
            state.Confirm(records[3].Scope, records[3].Lease, SettleResult.Settled);
            state.NoteLastCall(StateFolder.Scope, session, 7);
            await state.ProbeAsync();
            StateFolder.Shell($"cp '{victim}' '{killed}' && cp '{victim}-wal' '{killed}-wal'");
        }

        return (await BytesAsync(victim), await BytesAsync(killed), await BytesAsync(killed + "-wal"));

        static Task<byte[]> BytesAsync(string path) => File.ReadAllBytesAsync(path, StateFolder.Cancellation);
    }

    private async Task<StateFile> OpenSmallAsync()
    {
        using (var connection = new SqliteConnection($"Data Source={victim};Pooling=False"))
        {
            await connection.OpenAsync(StateFolder.Cancellation);
            using var command = new SqliteCommand($"PRAGMA page_size = {PageSize}; VACUUM", connection);
            await command.ExecuteNonQueryAsync(StateFolder.Cancellation);
        }

        return await folder.OpenAsync(victim);
    }

    private async Task TryAsync(byte[] content, string damage, byte[]? log = null)
    {
        // In place: another inode would be a copy, and a copy replays nothing.
        await File.WriteAllBytesAsync(victim, content, StateFolder.Cancellation);
        File.Delete(victim + "-shm");
        await File.WriteAllBytesAsync(victim + "-wal", log ?? [], StateFolder.Cancellation);
        StateFile state;
        try
        {
            state = await StateFile.OpenAsync(victim, folder.Time, NullLogger.Instance, _ => Assert.Fail("held"), StateFolder.Cancellation);
        }
        catch (StateFileException exception)
        {
            Assert.Contains(victim, exception.Message, StringComparison.Ordinal);
            refused++;
            return;
        }

        await using (state)
        {
            AssertTruth(state.Memory, state.DamagedRows, damage);
            await AssertUsableAsync(state, folder.NewSession());
        }
    }

    /// <summary>As opening does, without locks and threads: a hundred times as many in the same time.</summary>
    /// <returns>How many records it holds that are to be told to the broker; 0 when it is refused.</returns>
    private int TryLoad(byte[] content, string damage, byte[]? log = null)
    {
        File.WriteAllBytes(victim, content);
        File.WriteAllBytes(victim + "-wal", log ?? []);
        File.Delete(victim + "-shm");
        var memory = new StateMemory(StateRetention.Default);
        try
        {
            using var database = StateDatabase.Open(victim);
            if (StateSchema.FaultOf(victim, database) is not null)
            {
                refused++;
                return 0;
            }

            var loader = new StateLoader(database, memory, StateRetention.Default, folder.Time.GetUtcNow());
            loader.Load(FileIdentity.Machine(), FileIdentity.Of(victim) ?? string.Empty);
            return AssertTruth(memory, loader.Damaged.Count, damage);
        }
        catch (SqliteException)
        {
            // Opening makes a StateFileException of it.
            refused++;
            return 0;
        }
    }

    private int AssertTruth(StateMemory memory, int damaged, string damage)
    {
        var replays = memory.Records.Unconfirmed(StateFolder.Scope).ToList();
        var expected = records.Where(record => replays.Exists(each => each.Lease == record.Lease)).ToList();
        Assert.True(replays.Select(Comparable).SequenceEqual(expected.Select(Comparable)), damage);
        Assert.All(records, record => Assert.True(
            memory.Records.Recall(record.Scope, record.Lease.Message, record.Incarnation) is not { } fate
                || fate == RememberedFate.Of(record),
            damage));
        Assert.True(memory.Sessions.EpochOf(StateFolder.Scope) is null or { Epoch: 42 }, damage);
        Assert.True(memory.Sessions.Earlier(StateFolder.Scope).All(each => each.Session == session && each.LastCall is 7 or 0), damage);
        truthful++;
        complete += replays.Count == 3 && damaged == 0 ? 1 : 0;
        return replays.Count;
    }

    private static async Task AssertUsableAsync(StateFile state, SessionId next)
    {
        try
        {
            await state.BeginSessionAsync(StateFolder.Scope, next);
        }
        catch (StateFileException)
        {
            Assert.NotNull(state.Fault);
        }
    }

    // A record compares its payload by reference; here its bytes count.
    private static (StateRecord Record, string Payload) Comparable(StateRecord record) => record is StateRecord.Rejection rejection
        ? (rejection with { Envelope = default }, Convert.ToHexString(rejection.Envelope.Span))
        : (record, string.Empty);

    private void Report() =>
        TestContext.Current.SendDiagnosticMessage($"{refused} refused, {truthful} opened and told the truth, {complete} of them all of it; 0 wrong (seed {Seed}).");
}
