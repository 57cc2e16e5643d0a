using System.Buffers.Binary;
using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

/// <summary>
/// A file damaged anyhow is refused with a text, or opens and tells the truth, perhaps not all of it. The file is as small as SQLite makes it (pages of 512 bytes), so that
/// every bit of it can be flipped.
/// </summary>
public sealed class StateFileDamageTests : IDisposable
{
    private const int PageSize = 512;
    private const int HeaderSize = 100;

    private readonly DamageTrial trial = new();

    public void Dispose() => trial.Dispose();

    [Fact]
    public async Task Every_flipped_bit_of_header_schema_and_rows()
    {
        var (closed, _, _) = await trial.FillAsync(PageSize, RecordAsync);

        // Header, schema and six tables are never less than nine pages: there is no state file of four kilobytes.
        Assert.Equal(9 * PageSize, closed.Length);
        var unread = closed.ToArray();
        for (var page = 0; page < closed.Length / PageSize; page++)
        {
            var (used, gap) = BitsOf(closed, page);
            used.ForEach(bit => trial.TryLoad(DamageTrial.Flipped(closed, bit), $"bit {bit % (PageSize * 8)} of page {page}"));
            gap.ForEach(bit => unread[bit / 8] ^= (byte)(1 << (bit % 8)));
        }

        trial.Report();
        Assert.True(trial.Truthful > 1000);

        // Nobody reads what is between the cell pointers of a page and its cells: all of those bits at once damage nothing.
        var complete = trial.Complete;
        trial.TryLoad(unread, "every bit that nobody reads");
        Assert.Equal(complete + 1, trial.Complete);
    }

    [Fact]
    public async Task Random_flipped_bits_anywhere_in_file_or_log()
    {
        var (closed, killed, log) = await FillAsync();
        for (var round = 0; round < 500; round++)
        {
            var bit = trial.Next(closed.Length * 8);
            await trial.TryAsync(DamageTrial.Flipped(closed, bit), $"bit {bit} of the file");
            bit = trial.Next(log.Length * 8);
            await trial.TryAsync(killed, $"bit {bit} of the log", DamageTrial.Flipped(log, bit));
        }

        trial.Report();
    }

    [Fact]
    public async Task Ten_thousand_random_flipped_bits_of_file_and_log()
    {
        var (closed, killed, log) = await FillAsync();
        for (var round = 0; round < 5_000; round++)
        {
            trial.TryFlip(closed);
            trial.TryFlip(killed, log);
        }

        trial.Report();
    }

    [Fact]
    public async Task Truncated_at_every_byte_of_four_kilobytes_and_at_many_beyond()
    {
        var (closed, killed, log) = await FillAsync();
        // SQLite takes a file of one byte for an empty one, which is a new state file.
        foreach (var length in Lengths(closed.Length - PageSize).Skip(2))
        {
            trial.TryLoad(closed[..length], $"{length} bytes of the file");
        }

        // A page that is there in part counts as there.
        Assert.Equal(0, trial.Truthful);
        for (var length = closed.Length - PageSize + 1; length < closed.Length; length++)
        {
            trial.TryLoad(closed[..length], $"{length} bytes of the file");
        }

        // The records come with their commit, all of them at once; then one of them is confirmed.
        var kept = Lengths(log.Length).Select(length => trial.TryLoad(killed, $"{length} bytes of the log", log[..length])).ToList();
        Assert.Equal([0, 4, 3], kept.Where((count, index) => index == 0 || count != kept[index - 1]));
        trial.Report();
    }

    [Fact]
    public async Task Truncated_anywhere()
    {
        var (closed, killed, log) = await FillAsync();
        await trial.TryAsync(closed, "nothing");
        await trial.TryAsync(killed, "nothing", log);
        Assert.Equal((2, 2), (trial.Truthful, trial.Complete));
        for (var length = 0; length < closed.Length; length += length < 2 * PageSize ? 7 : 61)
        {
            await trial.TryAsync(closed[..length], $"{length} bytes of the file");
        }

        for (var length = 0; length < log.Length; length += 41)
        {
            await trial.TryAsync(killed, $"{length} bytes of the log", log[..length]);
        }

        trial.Report();
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
            await trial.TryAsync(zeroed, $"page {one} zeroed");
            for (var other = 0; other < one; other++)
            {
                var swapped = original.ToArray();
                Page(original, one).CopyTo(Page(swapped, other));
                Page(original, other).CopyTo(Page(swapped, one));
                await trial.TryAsync(swapped, $"pages {one} and {other} swapped");
                Page(original, one).CopyTo(Page(swapped, other));
                Page(original, one).CopyTo(Page(swapped, one));
                await trial.TryAsync(swapped, $"page {other} overwritten by {one}");
            }
        }

        trial.Report();
    }

    private static Span<byte> Page(byte[] bytes, int page) => bytes.AsSpan(page * PageSize, PageSize);

    /// <summary>Every length of up to four kilobytes, and many beyond.</summary>
    private static IEnumerable<int> Lengths(int longest) => Enumerable.Range(0, longest + 1).Where(length => length <= 4096 || length % 29 == 0 || length == longest);

    /// <summary>
    /// The bits of a page that somebody reads, and those of the gap between its cell pointers and its cells. The first page begins with the header of the file; an inner
    /// page of a tree names one more page behind its own head.
    /// </summary>
    private static (List<int> Used, List<int> Gap) BitsOf(byte[] bytes, int number)
    {
        var page = Page(bytes, number);
        var head = number == 0 ? HeaderSize : 0;
        var pointers = head + (page[head] == 5 ? 12 : 8);
        var gapBegin = pointers + (2 * BinaryPrimitives.ReadUInt16BigEndian(page[(head + 3)..]));
        var gapEnd = BinaryPrimitives.ReadUInt16BigEndian(page[(head + 5)..]);
        var gap = Enumerable.Range(gapBegin * 8, (gapEnd - gapBegin) * 8).ToHashSet();
        var all = Enumerable.Range(0, PageSize * 8).ToLookup(gap.Contains, bit => (number * PageSize * 8) + bit);
        return ([.. all[false]], [.. all[true]]);
    }

    /// <summary>The file after a clean end, with the free pages a probe leaves, and file and log as a kill leaves them: there the rows are in the log alone.</summary>
    private Task<(byte[] Closed, byte[] Killed, byte[] Log)> FillAsync() => trial.FillAsync(PageSize, async state =>
    {
        await RecordAsync(state);

        // Confirmations are written with the next write; this is one.
        await state.ProbeAsync();
    });

    private async Task RecordAsync(StateFile state)
    {
        var folder = trial.Folder;
        StateRecord[] records = [folder.NewRejection(), folder.NewCompletion(), folder.NewUnsent(new Settlement.Retry(TimeSpan.FromSeconds(1), null)), folder.NewRejection()];
        await trial.RecordAsync(state, records);
        trial.Confirm(state, records[3]);
    }
}
