using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Handing messages out.</summary>
public abstract class LeasingContract : ContractTests
{
    [Fact]
    public async Task Lease_UnknownQueue_IsEmpty()
    {
        var reply = await Worker.SendAsync(Worker.NextLease());
        Assert.Equal(CallStanding.Applied, reply.Answer.Standing);
        Assert.Empty(reply.Messages);
        Assert.Null(reply.NextDue);
    }

    [Fact]
    public async Task Lease_FirstTime_CountsOneDeliveryAndNoLoss()
    {
        var leased = await LeaseNewAsync();
        Assert.Equal((1, 0), (leased.DeliveryCount, leased.WorkerLosses));
        await AssertCountsAsync(leased: 1);
    }

    [Fact]
    public async Task Lease_Token_NamesTheSession() => Assert.Equal(Worker.Session, (await LeaseNewAsync()).Lease.Token.Session);

    [Fact]
    public async Task Lease_FewerThanReady_LeavesTheRest()
    {
        await Producer.EnqueueAsync(3);
        Assert.Equal(2, (await Worker.LeaseAsync(2)).Count);
        await AssertCountsAsync(ready: 1, leased: 2);
    }

    [Fact]
    public async Task Lease_LeasedMessage_IsNotHandedOutAgain()
    {
        await LeaseNewAsync();
        await AdvanceAsync(Visibility / 2);
        Assert.Empty(await NewClient().LeaseAsync());
    }

    [Fact]
    public async Task Fences_rise_with_every_lease_of_a_queue()
    {
        await Producer.EnqueueAsync(3);
        var fences = new List<long>();
        fences.AddRange((await Worker.LeaseAsync(2)).Select(message => message.Lease.Token.Fence));
        await AdvanceAsync(PastVisibility);
        fences.AddRange((await NewClient().LeaseAsync()).Select(message => message.Lease.Token.Fence));
        Assert.Equal(5, fences.Count);
        Assert.Equal(fences.Order(), fences);
        Assert.Equal(fences.Distinct(), fences);
    }

    [Fact]
    public async Task Lease_MaxMessagesZero_LeasesNothing()
    {
        await Producer.EnqueueAsync(1);
        Assert.Empty(await Worker.LeaseAsync(0));
        await AssertCountsAsync(ready: 1);
    }

    [Fact]
    public async Task Lease_MaxMessagesZero_ReclaimsAndPromotes()
    {
        await Producer.EnqueueAsync(2);
        var leased = await Worker.LeaseAsync();
        await Worker.SettleAsync(leased[0], new Settlement.Retry(TimeSpan.FromSeconds(100), null));
        await AdvanceAsync(PastVisibility);
        Assert.Equal(1, (await Worker.SendAsync(Worker.NextLease(0))).Reclaimed);
        await AssertCountsAsync(ready: 2);
    }

    [Fact]
    public async Task Lease_RedeliveredMessage_ComesBeforeThoseNeverDelivered()
    {
        var messages = await Producer.EnqueueAsync(3);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync(1)), RetryNow);
        Assert.Equal(messages.Select(message => message.Id), (await Worker.LeaseAsync()).Select(message => message.Lease.Message));
    }

    [Fact]
    public async Task Lease_VisibilityTimeout_IsThatOfTheRequest()
    {
        await Producer.EnqueueAsync(2);
        await Worker.LeaseAsync(1, visibility: TimeSpan.FromSeconds(100));
        await Worker.LeaseAsync(1, visibility: TimeSpan.FromSeconds(1000));
        await AdvanceAsync(TimeSpan.FromSeconds(500));
        Assert.Equal(1, (await Worker.SendAsync(Worker.NextLease(0))).Reclaimed);
        await AssertCountsAsync(ready: 1, leased: 1);
    }

    [Fact]
    public async Task NextDue_MessageScheduled_IsTheTimeUntilItIsDue()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), new Settlement.Retry(TimeSpan.FromSeconds(600), null));
        await AdvanceAsync(TimeSpan.FromSeconds(200));
        var due = (await Worker.SendAsync(Worker.NextLease())).NextDue;
        Assert.NotNull(due);
        Assert.InRange(due.Value, TimeSpan.FromSeconds(350), TimeSpan.FromSeconds(400));
    }

    [Fact]
    public async Task NextDue_MoreIsReady_IsNull()
    {
        await Producer.EnqueueAsync(3);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync(1)), new Settlement.Retry(TimeSpan.FromSeconds(600), null));
        Assert.Null((await Worker.SendAsync(Worker.NextLease(1))).NextDue);
    }
}
