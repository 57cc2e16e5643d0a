using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Extending leases.</summary>
public abstract class RenewingContract : ContractTests
{
    [Fact]
    public async Task Renew_HeldLease_LastsAWholeTimeoutFromNow()
    {
        var leased = await LeaseNewAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(200));
        Assert.Equal(RenewResult.Renewed, Renew(leased.Lease));
        await AdvanceAsync(TimeSpan.FromSeconds(200));
        Assert.Empty(await NewClient().LeaseAsync());
        await AdvanceAsync(TimeSpan.FromSeconds(120));
        Assert.Single(await NewClient().LeaseAsync());
    }

    [Fact]
    public async Task Renew_ShorterTimeout_ShortensTheLease()
    {
        var leased = await LeaseNewAsync();
        Renew(leased.Lease, TimeSpan.FromSeconds(40));
        await AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Single(await NewClient().LeaseAsync());
    }

    [Fact]
    public async Task Renew_ExpiredButNotReclaimed_IsRenewed()
    {
        var leased = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        Assert.Equal(RenewResult.Renewed, Renew(leased.Lease));
        Assert.Empty(await NewClient().LeaseAsync());
    }

    [Fact]
    public async Task Renew_Reclaimed_IsLost()
    {
        var leased = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        await NewClient().LeaseAsync(0);
        Assert.Equal(RenewResult.Lost, Renew(leased.Lease));
        await AssertCountsAsync(ready: 1);
    }

    [Fact]
    public async Task Renew_GivenToSomebodyElse_IsLostAndChangesNothing()
    {
        var stale = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        var other = Assert.Single(await NewClient().LeaseAsync());
        Assert.Equal(RenewResult.Lost, Renew(stale.Lease, TimeSpan.FromHours(1)));
        await AdvanceAsync(PastVisibility);
        Assert.Equal(other.Lease.Message, Assert.Single(await NewClient().LeaseAsync()).Lease.Message);
    }

    [Fact]
    public async Task Renew_LeasedAgainByTheSameSession_IsLost()
    {
        var stale = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        Assert.Single(await Worker.LeaseAsync());
        Assert.Equal(RenewResult.Lost, Renew(stale.Lease));
    }

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task Renew_Settled_IsLost(string settlement)
    {
        var leased = await LeaseNewAsync();
        await Worker.SettleAsync(leased, Named(settlement));
        Assert.Equal(RenewResult.Lost, Renew(leased.Lease));
    }

    [Fact]
    public async Task Renew_ReturnedSession_IsLost()
    {
        var leased = await LeaseNewAsync();
        await Worker.ReturnAsync();
        Assert.Equal(RenewResult.Lost, Renew(leased.Lease));
    }

    [Fact]
    public void Renew_UnknownQueue_IsLost() =>
        Assert.Equal(RenewResult.Lost, Renew(new HeldLease(ContractClient.NewMessage().Id, new LeaseToken(Worker.Session, 1))));

    [Fact]
    public async Task Renew_ManyLeases_AnswersInTheOrderAsked()
    {
        await Producer.EnqueueAsync(3);
        var leased = await Worker.LeaseAsync();
        await Worker.SettleAsync(leased[1], Ack);
        using var connection = Broker.OpenRenewalConnection();
        var results = connection.Renew(new RenewRequest(Queue, [.. leased.Select(message => message.Lease)], Visibility)).Results;
        Assert.Equal([RenewResult.Renewed, RenewResult.Lost, RenewResult.Renewed], results);
    }

    [Fact]
    public async Task Renew_WholeBatch_IsRenewed()
    {
        await Producer.EnqueueAsync(BrokerLimits.BatchSize);
        var leased = await Worker.LeaseAsync(BrokerLimits.BatchSize);
        using var connection = Broker.OpenRenewalConnection();
        var results = connection.Renew(new RenewRequest(Queue, [.. leased.Select(message => message.Lease)], Visibility)).Results;
        Assert.Equal(Enumerable.Repeat(RenewResult.Renewed, BrokerLimits.BatchSize), results);
    }

    [Fact]
    public async Task Renew_DoesNotCountADelivery()
    {
        var leased = await LeaseNewAsync();
        Renew(leased.Lease);
        await Worker.SettleAsync(leased, RetryNow);
        Assert.Equal(2, Assert.Single(await Worker.LeaseAsync()).DeliveryCount);
    }
}
