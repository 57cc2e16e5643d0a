using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>The machine started anew: its monotonic clock began at zero, and whoever held a lease is gone.</summary>
public sealed class BootTests : SqliteTest
{
    [Fact]
    public async Task Open_AnotherBoot_EndsEveryLeaseAsAWorkerLoss()
    {
        await LeaseOneAsync();
        await using var broker = File.Open(boot: "two");
        var reply = await SendLeaseAsync(broker);
        var again = Assert.Single(reply.Messages);
        Assert.Equal((1, 2, 1), (reply.Reclaimed, again.DeliveryCount, again.WorkerLosses));
    }

    [Fact]
    public async Task Open_AnotherBoot_EndsLeasesInAnyNumber()
    {
        await using (var broker = File.Open())
        {
            for (var batch = 0; batch < 3; batch++)
            {
                await Client(broker).EnqueueAsync(400);
                Assert.Equal(400, (await Client(broker).LeaseAsync(400, visibility: TimeSpan.FromDays(1))).Count);
            }
        }

        await using var rebooted = File.Open(boot: "two");
        for (var left = 1200; left > 0; left -= BrokerLimits.BatchSize)
        {
            Assert.Equal(Math.Min(left, BrokerLimits.BatchSize), (await SendLeaseAsync(rebooted)).Reclaimed);
        }
    }

    [Fact]
    public async Task Open_SameBoot_KeepsTheLeases()
    {
        await LeaseOneAsync();
        await using var broker = File.Open();
        Assert.Empty((await SendLeaseAsync(broker)).Messages);
    }

    [Fact]
    public async Task Open_AnotherBoot_KeepsDueTimes()
    {
        await using (var broker = File.Open())
        {
            var worker = Client(broker);
            await worker.EnqueueAsync(1);
            await worker.SettleAsync(Assert.Single(await worker.LeaseAsync()), new Settlement.Retry(TimeSpan.FromHours(1), null));
        }

        await using var rebooted = File.Open(boot: "two");
        Assert.Empty((await SendLeaseAsync(rebooted)).Messages);
        File.Time.JumpWall(TimeSpan.FromHours(2));
        Assert.Single((await SendLeaseAsync(rebooted)).Messages);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Open_AgainWithADelayedMessage_DeliversItWhenItIsDueAsTheFirstTime(string boot)
    {
        var message = ContractClient.NewMessage(1) with { Terms = new MessageTerms { Delay = TimeSpan.FromHours(1) } };
        await using (var broker = File.Open(boot: "one"))
        {
            var producer = Client(broker);
            await producer.SendAsync(producer.NextEnqueue(message));
        }

        await using var reopened = File.Open(boot: boot);
        var early = await SendLeaseAsync(reopened);
        Assert.Empty(early.Messages);
        Assert.Equal(TimeSpan.FromHours(1), early.NextDue);

        File.Time.Advance(TimeSpan.FromHours(1));
        var leased = Assert.Single((await SendLeaseAsync(reopened)).Messages);
        Assert.Equal((message.Id, 1), (leased.Lease.Message, leased.DeliveryCount));
    }

    [Fact]
    public async Task WallClock_Jumps_EndNoLease()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        await Client(broker).LeaseAsync();
        File.Time.JumpWall(TimeSpan.FromDays(365));
        Assert.Empty((await SendLeaseAsync(broker)).Messages);
    }

    [Fact]
    public async Task Lanes_unseen_for_a_day_are_forgotten()
    {
        await using var broker = File.Open();
        var producer = Client(broker);
        var request = producer.NextEnqueue(BrokerContract.ContractClient.NewMessages(1));
        await producer.SendAsync(request);
        File.Time.Advance(TimeSpan.FromHours(20));
        await Client(broker).EnqueueAsync(1);
        Assert.Equal(CallStanding.Repeated, (await producer.SendAsync(request)).Standing);
        File.Time.Advance(TimeSpan.FromHours(25));
        await Client(broker).EnqueueAsync(1);
        var worker = Client(broker);
        Assert.Equal(CallStanding.Applied, (await worker.SendAsync(worker.NextLease())).Answer.Standing);
        Assert.Equal(0, (await producer.ReturnAsync()).LastCall);
    }

    private static async Task<LeaseReply> SendLeaseAsync(IQueueBroker broker)
    {
        var worker = Client(broker);
        return await worker.SendAsync(worker.NextLease());
    }

    private async Task LeaseOneAsync()
    {
        await using var broker = File.Open();
        await Client(broker).EnqueueAsync(1);
        Assert.Single(await Client(broker).LeaseAsync());
    }
}
