using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using Xunit;
using IOFile = System.IO.File;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>
/// A bit of a queue file flips, anywhere. SQLite keeps no checksums, so it notices what breaks the shape of its pages and nothing more; the rows have checksums of ours.
/// </summary>
public sealed class FlippedBitTests(ITestOutputHelper output) : SqliteTest
{
    private const int Rounds = 250;
    private const int Seed = 20261127;

    private static readonly TimeSpan day = TimeSpan.FromDays(1);

    [Fact]
    public async Task Of_a_file_in_which_a_bit_flipped_nothing_altered_is_served_and_nothing_is_missing_without_a_word()
    {
        var random = new Random(Seed);
        var bytes = await FillAsync();
        var whole = await ServeAsync(bytes);
        Assert.Equal((260, false), (whole.Facts.Count, whole.IsReported));
        var (refused, same, less) = (0, 0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var flipped = bytes.ToArray();
            var bit = (int)(random.NextDouble() * bytes.Length * 8);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var served = await ServeAsync(flipped);
            Assert.Subset(whole.Errors, served.Errors);
            Assert.True(served.Facts.All(whole.Facts.Contains), $"bit {bit} is served altered: {served.Facts.FirstOrDefault(fact => !whole.Facts.Contains(fact))}");
            Assert.True(served.IsReported || served.Facts.Count == whole.Facts.Count, $"bit {bit}: {whole.Facts.Count - served.Facts.Count} missing, and nobody is told");
            refused += served.IsRefused ? 1 : 0;
            same += served.Facts.Count == whole.Facts.Count ? 1 : 0;
            less += !served.IsRefused && served.Facts.Count < whole.Facts.Count ? 1 : 0;
        }

        output.WriteLine($"Of {Rounds} files {refused} were refused, {same} served whole and {less} served without what was damaged, reported (seed {Seed}).");
        Assert.True(same > 0 && less > 0);
    }

    /// <summary>A queue file that holds messages in every state.</summary>
    private static async Task<byte[]> FillAsync()
    {
        using var file = TemporaryFile.InMemory();
        var random = new Random(Seed);
        await using (var broker = file.Open())
        {
            var (producer, worker) = (Client(broker), Client(broker));
            for (var batch = 0; batch < 13; batch++)
            {
                var messages = Enumerable.Range(0, 20).Select(_ => ContractClient.NewMessage([.. Enumerable.Range(0, 50 + random.Next(300)).Select(_ => (byte)random.Next(256))]));
                await producer.SendAsync(producer.NextEnqueue([.. messages]));
            }

            foreach (var (message, index) in (await worker.LeaseAsync(120)).Select((message, index) => (message, index)))
            {
                Settlement? ending = (index % 4) switch
                {
                    0 => new Settlement.Retry(day, $"no answer from server {index}"),
                    1 => new Settlement.DeadLetter(DeadLetterReason.Rejected, $"no such address {index}"),
                    2 => new Settlement.Release(TimeSpan.Zero),
                    _ => null,
                };
                _ = ending is null ? SettleResult.Settled : await worker.SettleAsync(message, ending);
            }
        }

        return await IOFile.ReadAllBytesAsync(file.Path, Cancel);
    }

    /// <summary>Checks the file, shows what it holds and gives out all of it.</summary>
    private static async Task<Served> ServeAsync(byte[] bytes)
    {
        using var file = TemporaryFile.InMemory();
        Directory.CreateDirectory(Path.GetDirectoryName(file.Path) ?? "");
        await IOFile.WriteAllBytesAsync(file.Path, bytes, Cancel);
        await using var broker = file.Open();
        var (facts, errors) = (new HashSet<string>(), new HashSet<string>());
        try
        {
            var isReported = (await broker.Admin.CheckAsync(Cancel)).Any(finding => finding.Code.StartsWith("damaged-", StringComparison.Ordinal));
            foreach (var state in Enum.GetValues<MessageState>())
            {
                for (var page = await PageAsync(broker, state, null); ; page = await PageAsync(broker, state, page.NextCursor))
                {
                    var readable = page.Messages.Where(message => message.Error != Failure.Unreadable.Error).ToList();
                    isReported |= readable.Count < page.Messages.Count;
                    facts.UnionWith(readable.Where(message => message.State != MessageState.Ready).Select(Fact));
                    errors.UnionWith(readable.Where(message => message.Error is not null).Select(message => $"{message.Id} {message.Error}"));
                    if (page.NextCursor is null)
                    {
                        break;
                    }
                }
            }

            var worker = Client(broker);
            for (var reply = await worker.SendAsync(worker.NextLease(100)); reply.Messages.Count > 0; reply = await worker.SendAsync(worker.NextLease(100)))
            {
                facts.UnionWith(reply.Messages.Select(Fact));
                isReported |= reply.Answer.StateRegressed;
            }

            return new Served(facts, errors, isReported || (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Damaged > 0, IsRefused: false);
        }
        catch (BrokerException exception)
        {
            Assert.Equal(BrokerFault.Refused, exception.Fault);
            Assert.Contains(file.Path, exception.Message, StringComparison.Ordinal);
            return new Served(facts, errors, IsReported: true, IsRefused: true);
        }
    }

    private static Task<BrowseReply> PageAsync(IQueueBroker broker, MessageState state, string? cursor) =>
        broker.Admin.BrowseAsync(new BrowseRequest(Queue, state, cursor, 50), Cancel);

    private static string Fact(StoredMessage message) =>
        $"{message with { Envelope = default, Error = null }} {Convert.ToHexString(message.Envelope.Span)}";

    private static string Fact(LeasedMessage message) =>
        $"{message.Lease.Message} {message.DeliveryCount} {message.WorkerLosses} {message.Generation} {Convert.ToHexString(message.Envelope.Span)}";

    private sealed record Served(HashSet<string> Facts, HashSet<string> Errors, bool IsReported, bool IsRefused);
}
