using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A full file takes no more messages, and can be drained.</summary>
public sealed class FullFileTests : SqliteTest
{
    [Fact]
    public async Task Enqueue_FileFull_FailsAsFullAndStoresNothing()
    {
        await using var broker = OpenSmall();
        var stored = await FillAsync(broker);
        Assert.Equal(stored, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).Ready);
    }

    [Fact]
    public async Task Enqueue_SameNumberAfterFull_IsDoneOnceThereIsRoom()
    {
        await using var broker = OpenSmall();
        await FillAsync(broker);
        var producer = Client(broker);
        var request = producer.NextEnqueue(ContractClient.NewMessage(new byte[200_000]));
        await AssertFaultAsync(BrokerFault.Full, () => producer.SendAsync(request));
        var worker = Client(broker);
        foreach (var message in await worker.LeaseAsync(20))
        {
            await worker.SettleAsync(message, Settlement.Ack.Plain);
        }

        Assert.Equal(CallStanding.Applied, (await producer.SendAsync(request)).Standing);
    }

    [Fact]
    public async Task A_full_file_can_be_leased_renewed_returned_and_settled_in_every_way()
    {
        await using var broker = OpenSmall();
        var stored = await FillAsync(broker);
        await Client(broker).LeaseAsync(500);
        File.Time.Advance(2 * ContractClient.Visibility);
        var dead = Client(broker);
        Assert.Equal(stored, (await dead.LeaseAsync(500)).Count);
        Assert.Equal(stored, (await dead.ReturnAsync()).Returned);
        var worker = Client(broker);
        for (var next = await LeaseAsync(worker); next.Count > 0; next = await LeaseAsync(worker))
        {
            var lease = Assert.Single(next).Lease;
            using var renewal = broker.OpenRenewalConnection();
            Assert.Equal([RenewResult.Renewed], renewal.Renew(new RenewRequest(Queue, [lease], TimeSpan.FromMinutes(1))).Results);
            var count = next[0].DeliveryCount;
            Assert.Equal(SettleResult.Settled, await worker.SettleAsync(lease, count == 3 ? new Settlement.Retry(TimeSpan.Zero, null) : Settlement.Ack.Plain));
        }

        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), await broker.Admin.GetStatisticsAsync(Queue, Cancel));
    }

    [Fact]
    public async Task Settle_NoPageLeftAtAll_FailsAsFullAndUndoesTheWholeCall()
    {
        await using var broker = OpenSmall();
        await FillAsync(broker, envelope: 1000);
        var worker = Client(broker);
        var leases = new List<LeasedMessage>();
        for (var i = 0; i < 3; i++)
        {
            leases.AddRange(await worker.LeaseAsync(500, visibility: TimeSpan.FromHours(1)));
        }

        var error = new string('e', 4000);
        var requests = leases.Select(leased => new LeaseSettlement(leased.Lease, new Settlement.DeadLetter(DeadLetterReason.Rejected, error)));
        var answered = 0;
        await AssertFaultAsync(BrokerFault.Full, async () =>
        {
            foreach (var batch in requests.Chunk(100))
            {
                answered += (await broker.SettleAsync(new SettleRequest(Queue, batch), Cancel)).Results.Count;
            }
        });
        Assert.Equal(answered, (await broker.Admin.GetStatisticsAsync(Queue, Cancel)).DeadLettered);
        Assert.Equal(SettleResult.Settled, await worker.SettleAsync(leases[^1], Settlement.Ack.Plain));
    }

    private static Task<IReadOnlyList<LeasedMessage>> LeaseAsync(ContractClient worker) => worker.LeaseAsync(1, suspects: 1);

    private static async Task<int> FillAsync(IQueueBroker broker, int envelope = 50_000)
    {
        var producer = Client(broker);
        var stored = 0;
        await AssertFaultAsync(BrokerFault.Full, async () =>
        {
            for (; stored < 100_000; stored += 10)
            {
                var messages = Enumerable.Range(0, 10).Select(_ => ContractClient.NewMessage(new byte[envelope])).ToArray();
                await producer.SendAsync(producer.NextEnqueue(messages));
            }
        });
        return stored;
    }

    private IQueueBroker OpenSmall() => File.Open(configure: options => options.MaxFileSize = 4 << 20);
}
