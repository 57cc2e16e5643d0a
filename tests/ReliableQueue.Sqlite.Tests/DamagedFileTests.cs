using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using Xunit;
using IOFile = System.IO.File;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>
/// What a queue file does of which a part is missing.
/// </summary>
public sealed class DamagedFileTests(ITestOutputHelper output) : SqliteTest
{
    private const int Messages = 200;
    private const int Seed = 20261122;

    private readonly Random random = new(Seed);
    private int refused;
    private int whole;
    private int less;
    private int altered;

    [Fact]
    public async Task A_queue_file_that_was_cut_anywhere_is_refused_with_a_text()
    {
        var (bytes, messages) = await FillAsync();
        for (var length = 1; length < bytes.Length; length += length < 8192 ? 193 : 2039)
        {
            await TryAsync(bytes[..length], messages, $"{length} bytes");
        }

        await TryAsync(bytes[..^4096], messages, "the last page");
        output.WriteLine($"{refused} refused.");
        Assert.Equal((0, 0, 0), (altered, less, whole));
    }

    [Fact]
    public async Task A_log_that_was_deleted_after_a_kill_shows_as_a_loss_when_its_producer_calls_again()
    {
        var directory = Path.GetDirectoryName(File.Path) ?? "";
        var lost = Path.Combine(directory, "lost.db");
        var request = default(EnqueueRequest);
        await using (var broker = File.Open())
        {
            var producer = Client(broker);
            await producer.EnqueueAsync(5);

            // As a kill leaves it: what was acknowledged so far is in the log alone.
            IOFile.Copy(File.Path, lost);
            request = producer.NextEnqueue(ContractClient.NewMessage(1));
        }

        await using var successor = SqliteBroker.Create(new SqliteBrokerOptions { Path = lost });
        var (answer, _) = await successor.EnqueueAsync(request, Cancel);

        Assert.True(answer.StateRegressed);
        Assert.Equal(1, (await successor.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
    }

    [Fact]
    public async Task A_half_page_that_a_kill_left_at_the_end_is_mended_from_the_log()
    {
        var directory = Path.GetDirectoryName(File.Path) ?? "";
        var killed = Path.Combine(directory, "killed.db");
        await using (var broker = File.Open())
        {
            await Client(broker).EnqueueAsync(5);
            IOFile.Copy(File.Path, killed);
            IOFile.Copy(File.Path + "-wal", killed + "-wal");
        }

        await using (var file = IOFile.Open(killed, FileMode.Append))
        {
            file.Write(new byte[100]);
        }

        await using var successor = SqliteBroker.Create(new SqliteBrokerOptions { Path = killed });
        Assert.Equal(5, (await successor.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
    }

    private async Task<(byte[] Bytes, Dictionary<MessageId, byte[]> Messages)> FillAsync()
    {
        Dictionary<MessageId, byte[]> messages = [];
        await using (var broker = File.Open())
        {
            var producer = Client(broker);
            for (var batch = 0; batch < Messages / 20; batch++)
            {
                var next = Enumerable.Range(0, 20).Select(_ => ContractClient.NewMessage([.. Enumerable.Range(0, 100 + random.Next(400)).Select(_ => (byte)random.Next(256))])).ToArray();
                await producer.SendAsync(producer.NextEnqueue(next));
                foreach (var message in next)
                {
                    messages.Add(message.Id, message.Envelope.ToArray());
                }
            }
        }

        return (await IOFile.ReadAllBytesAsync(File.Path, Cancel), messages);
    }

    private async Task TryAsync(byte[] bytes, Dictionary<MessageId, byte[]> messages, string damage)
    {
        IOFile.Delete(File.Path + "-wal");
        IOFile.Delete(File.Path + "-shm");
        await IOFile.WriteAllBytesAsync(File.Path, bytes, Cancel);
        await using var broker = File.Open();
        var worker = Client(broker);
        try
        {
            await broker.Admin.CheckAsync(Cancel);
            var leased = await worker.LeaseAsync(500);
            foreach (var batch in leased.Chunk(100))
            {
                await broker.SettleAsync(new SettleRequest(Queue, [.. batch.Select(message => new LeaseSettlement(message.Lease, Settlement.Ack.Plain))]), Cancel);
            }

            if (leased.Any(message => !messages.TryGetValue(message.Lease.Message, out var envelope) || !message.Envelope.Span.SequenceEqual(envelope)))
            {
                altered++;
            }
            else
            {
                _ = leased.Count == messages.Count ? whole++ : less++;
            }
        }
        catch (BrokerException exception)
        {
            Assert.True(exception.Fault == BrokerFault.Refused && exception.Message.Contains(File.Path, StringComparison.Ordinal), $"{damage}: {exception}");
            refused++;
        }
    }
}
