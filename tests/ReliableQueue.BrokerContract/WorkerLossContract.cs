using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Leases that end because the worker was lost: reclaiming, suspects, the delivery limit.</summary>
public abstract class WorkerLossContract : ContractTests
{
    [Fact]
    public async Task A_message_whose_lease_ran_out_is_delivered_again_and_counted()
    {
        var lost = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        var reply = await Worker.SendAsync(Worker.NextLease());
        var again = Assert.Single(reply.Messages);
        Assert.Equal((1, 0), (reply.Reclaimed, reply.DeadLettered));
        Assert.Equal(lost.Lease.Message, again.Lease.Message);
        Assert.Equal((2, 1), (again.DeliveryCount, again.WorkerLosses));
    }

    [Fact]
    public async Task Reclaim_BeforeTheLeaseRanOut_DoesNothing()
    {
        await LeaseNewAsync();
        await AdvanceAsync(Visibility - TimeSpan.FromSeconds(30));
        Assert.Equal(0, (await Worker.SendAsync(Worker.NextLease())).Reclaimed);
        await AssertCountsAsync(leased: 1);
    }

    [Fact]
    public async Task Reclaim_AtTheDeliveryLimit_DeadLetters()
    {
        await Producer.EnqueueAsync(1);
        await LoseAsync(2, maxDeliveries: 3);
        await Worker.LeaseAsync();
        await AdvanceAsync(PastVisibility);
        var reply = await Worker.SendAsync(Worker.NextLease(maxDeliveries: 3));
        Assert.Empty(reply.Messages);
        Assert.Equal((0, 1), (reply.Reclaimed, reply.DeadLettered));
        var dead = Assert.Single(await DeadLettersAsync());
        Assert.Equal((DeadLetterReason.DeliveryLimit, 3), (dead.DeadLetterReason, dead.DeliveryCount));
    }

    [Fact]
    public async Task Retry_AtTheDeliveryLimit_IsReadyAllTheSame()
    {
        await Producer.EnqueueAsync(1);
        var leased = Assert.Single(await Worker.LeaseAsync(maxDeliveries: 1));
        await Worker.SettleAsync(leased, RetryNow);
        Assert.Equal(2, Assert.Single(await Worker.LeaseAsync(maxDeliveries: 1)).DeliveryCount);
    }

    [Fact]
    public async Task Losses_in_a_row_are_counted_up_by_reclaim_and_by_return()
    {
        await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        var second = NewClient();
        Assert.Equal(1, Assert.Single(await second.LeaseAsync()).WorkerLosses);
        await second.ReturnAsync();
        Assert.Equal(2, Assert.Single(await NewClient().LeaseAsync()).WorkerLosses);
    }

    [Fact]
    public async Task Retry_AfterLosses_EndsTheRow()
    {
        await Producer.EnqueueAsync(1);
        await LoseAsync(2);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), RetryNow);
        var again = Assert.Single(await Worker.LeaseAsync(suspects: 0));
        Assert.Equal((4, 0), (again.DeliveryCount, again.WorkerLosses));
    }

    [Fact]
    public async Task Release_AfterLosses_KeepsTheRow()
    {
        await Producer.EnqueueAsync(1);
        await LoseAsync(2);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), ReleaseNow);
        var again = Assert.Single(await Worker.LeaseAsync());
        Assert.Equal((3, 2), (again.DeliveryCount, again.WorkerLosses));
    }

    [Fact]
    public async Task Lease_NoSuspectsAllowed_PassesThemOver()
    {
        await SuspectsAsync(3);
        var innocent = await Producer.EnqueueAsync(1);
        Assert.Equal(innocent[0].Id, Assert.Single(await Worker.LeaseAsync(suspects: 0)).Lease.Message);
        await AssertCountsAsync(ready: 3, leased: 1);
    }

    [Fact]
    public async Task Lease_OneSuspectAllowed_LeasesOneOfThemBesideOthers()
    {
        await SuspectsAsync(3);
        await Producer.EnqueueAsync(2);
        var leased = await Worker.LeaseAsync(suspects: 1);
        Assert.Equal(3, leased.Count);
        Assert.Single(leased, message => message.WorkerLosses >= 2);
        await AssertCountsAsync(ready: 2, leased: 3);
    }

    [Fact]
    public async Task Lease_OneLossOnly_IsNoSuspect()
    {
        await Producer.EnqueueAsync(1);
        await LoseAsync(1);
        Assert.Equal(1, Assert.Single(await Worker.LeaseAsync(suspects: 0)).WorkerLosses);
    }

    [Fact]
    public async Task Suspect_Scheduled_IsStillOneWhenPromoted()
    {
        await SuspectsAsync(1);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), new Settlement.Release(TimeSpan.FromSeconds(100)));
        await AdvanceAsync(TimeSpan.FromSeconds(120));
        Assert.Empty(await Worker.LeaseAsync(suspects: 0));
        Assert.Single(await Worker.LeaseAsync(suspects: 1));
    }

    private async Task SuspectsAsync(int count)
    {
        await Producer.EnqueueAsync(count);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(count, (await Worker.LeaseAsync(suspects: 0)).Count);
            await AdvanceAsync(PastVisibility);
            Assert.Equal(count, (await Worker.SendAsync(Worker.NextLease(0))).Reclaimed);
        }
    }
}
