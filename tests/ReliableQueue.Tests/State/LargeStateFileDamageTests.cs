using System.Globalization;
using ReliableQueue.Broker;
using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

/// <summary>Flipped bits of a file as a busy worker has it: thousands of records, many of them confirmed, hundreds of kilobytes, and a log behind it.</summary>
public sealed class LargeStateFileDamageTests : IDisposable
{
    private const int PageSize = 4096;
    private const int Records = 2_000;

    // Each costs the loading of thousands of rows: two minutes for ten thousand.
    private static readonly int flips = int.Parse(Environment.GetEnvironmentVariable("RELIABLEQUEUE_STATE_FLIPS") ?? "1000", CultureInfo.InvariantCulture);

    private readonly DamageTrial trial = new();

    public void Dispose() => trial.Dispose();

    [Fact]
    public async Task Random_flipped_bits_of_a_file_of_thousands_of_records_and_of_its_log()
    {
        var (closed, killed, log) = await FillAsync();
        Assert.InRange(closed.Length, 300_000, 1_000_000);
        Assert.InRange(log.Length, 100_000, 1_000_000);
        trial.TryLoad(closed, "nothing");
        trial.TryLoad(killed, "nothing", log);
        Assert.Equal(2, trial.Complete);
        for (var flipped = 0; flipped < flips; flipped += 2)
        {
            trial.TryFlip(closed);
            trial.TryFlip(killed, log);
        }

        trial.Report();
    }

    private Task<(byte[] Closed, byte[] Killed, byte[] Log)> FillAsync() =>
        trial.FillAsync(PageSize, state => RecordAsync(state, 0..(Records * 3 / 4)), state => RecordAsync(state, (Records * 3 / 4)..Records));

    private async Task RecordAsync(StateFile state, Range numbers)
    {
        foreach (var batch in Enumerable.Range(0, Records).Take(numbers).Chunk(100))
        {
            StateRecord[] records = [.. batch.Select(NewRecord)];
            await trial.RecordAsync(state, records);
            Array.ForEach([.. records.Where((record, at) => record is not StateRecord.Unsent && at % 2 == 0)], record => trial.Confirm(state, record));
        }

        await state.ProbeAsync();
    }

    private StateRecord NewRecord(int number) => (number % 5) switch
    {
        0 => trial.Folder.NewUnsent(new Settlement.Retry(TimeSpan.FromSeconds(number), null)),
        1 => trial.Folder.NewCompletion(),
        _ => trial.Folder.NewRejection($"no such address: {number}", [.. Enumerable.Range(number, 100).Select(each => (byte)each)]),
    };
}
