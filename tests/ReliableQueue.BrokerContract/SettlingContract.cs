using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Ending deliveries by the lease that holds.</summary>
public abstract class SettlingContract : ContractTests
{
    [Fact]
    public async Task Ack_HeldLease_RemovesTheMessage()
    {
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(await LeaseNewAsync(), Ack));
        await AssertCountsAsync();
        await AdvanceAsync(PastVisibility);
        Assert.Empty(await Worker.LeaseAsync());
    }

    [Fact]
    public async Task Retry_NoDelay_IsReadyAtOnceAndStaysCounted()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), RetryNow);
        await AssertCountsAsync(ready: 1);
        Assert.Equal(2, Assert.Single(await Worker.LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Retry_Delay_IsScheduledUntilDue()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), new Settlement.Retry(TimeSpan.FromSeconds(600), null));
        await AssertCountsAsync(scheduled: 1);
        await AdvanceAsync(TimeSpan.FromSeconds(550));
        Assert.Empty(await Worker.LeaseAsync());
        await AdvanceAsync(TimeSpan.FromSeconds(70));
        Assert.Equal(2, Assert.Single(await Worker.LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Release_NoDelay_GivesTheCountBack()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), ReleaseNow);
        await AssertCountsAsync(ready: 1);
        Assert.Equal(1, Assert.Single(await Worker.LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Release_NoDelay_GoesBeforeMessagesNeverDelivered()
    {
        var messages = await Producer.EnqueueAsync(3);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync(1)), ReleaseNow);
        Assert.Equal(messages.Select(message => message.Id), (await Worker.LeaseAsync()).Select(message => message.Lease.Message));
    }

    [Fact]
    public async Task Release_Delay_IsScheduledAndGivesTheCountBack()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), new Settlement.Release(TimeSpan.FromSeconds(600)));
        await AssertCountsAsync(scheduled: 1);
        Assert.Empty(await Worker.LeaseAsync());
        await AdvanceAsync(TimeSpan.FromSeconds(620));
        Assert.Equal(1, Assert.Single(await Worker.LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Release_AfterARetry_GivesBackOneCountOnly()
    {
        await Worker.SettleAsync(await LeaseNewAsync(), RetryNow);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), ReleaseNow);
        Assert.Equal(2, Assert.Single(await Worker.LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task DeadLetter_HeldLease_IsNeverDeliveredAgain()
    {
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(await LeaseNewAsync(), Reject));
        await AssertCountsAsync(dead: 1);
        await AdvanceAsync(PastVisibility);
        Assert.Empty(await Worker.LeaseAsync());
    }

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task Settle_Repeated_IsAlreadyAndChangesNothing(string settlement)
    {
        var leased = await LeaseNewAsync();
        await Worker.SettleAsync(leased, Named(settlement));
        var before = await StatisticsAsync();
        Assert.Equal(SettleResult.Already, await Worker.SettleAsync(leased, Named(settlement)));
        Assert.Equal(before, await StatisticsAsync());
    }

    [Theory]
    [InlineData("retry", "ack")]
    [InlineData("retry", "release")]
    [InlineData("retry", "dead-letter")]
    [InlineData("release", "ack")]
    [InlineData("release", "retry")]
    [InlineData("release", "dead-letter")]
    [InlineData("dead-letter", "ack")]
    [InlineData("dead-letter", "retry")]
    [InlineData("dead-letter", "release")]
    public async Task Settle_SettledOtherwiseBefore_IsStaleAndChangesNothing(string first, string second)
    {
        var leased = await LeaseNewAsync();
        await Worker.SettleAsync(leased, Named(first));
        var before = await StatisticsAsync();
        Assert.Equal(SettleResult.Stale, await Worker.SettleAsync(leased, Named(second)));
        Assert.Equal(before, await StatisticsAsync());
    }

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task Settle_MessageGone_IsAlready(string settlement)
    {
        var leased = await LeaseNewAsync();
        await Worker.SettleAsync(leased, Ack);
        Assert.Equal(SettleResult.Already, await Worker.SettleAsync(leased, Named(settlement)));
        await AssertCountsAsync();
    }

    [Fact]
    public async Task Settle_ManyKinds_AnswersInTheOrderAsked()
    {
        await Producer.EnqueueAsync(4);
        var leased = await Worker.LeaseAsync();
        await Worker.SettleAsync(leased[1], Ack);
        var reply = await Broker.SettleAsync(
            new SettleRequest(
                Queue,
                [new(leased[3].Lease, RetryNow), new(leased[1].Lease, Ack), new(leased[0].Lease, Reject), new(leased[2].Lease, new Settlement.Retry(Visibility, null))]),
            Cancel);
        Assert.Equal([SettleResult.Settled, SettleResult.Already, SettleResult.Settled, SettleResult.Settled], reply.Results);
        await AssertCountsAsync(ready: 1, scheduled: 1, dead: 1);
    }

    [Theory]
    [InlineData(BrokerAbilities.Results)]
    [InlineData(BrokerAbilities.FollowUps)]
    public async Task Settle_AnAckThatCarriesSomething_IsDoneByBrokersThatCanAndRefusedByOthersWithAllOfItsCall(BrokerAbilities needed)
    {
        await Producer.EnqueueAsync(2);
        var leased = await Worker.LeaseAsync();
        var carrying = needed == BrokerAbilities.Results ? new Settlement.Ack { Result = new byte[] { 1 } } : new Settlement.Ack { Then = [ContractClient.NewMessage(1)] };
        var request = new SettleRequest(Queue, [new(leased[0].Lease, Ack), new(leased[1].Lease, carrying)]);
        if (Broker.Info.LackOf(needed) is null)
        {
            Assert.Equal([SettleResult.Settled, SettleResult.Settled], (await Broker.SettleAsync(request, Cancel)).Results);
            return;
        }

        var fault = await Assert.ThrowsAsync<BrokerException>(() => Broker.SettleAsync(request, Cancel));
        Assert.Equal(BrokerFault.Refused, fault.Fault);
        Assert.Contains($"{needed}", fault.Message, StringComparison.Ordinal);
        await AssertCountsAsync(leased: 2);
    }

    [Fact]
    public async Task Settle_WholeBatch_IsSettled()
    {
        await Producer.EnqueueAsync(BrokerLimits.BatchSize);
        var leased = await Worker.LeaseAsync(BrokerLimits.BatchSize);
        var reply = await Broker.SettleAsync(new SettleRequest(Queue, [.. leased.Select(message => new LeaseSettlement(message.Lease, Ack))]), Cancel);
        Assert.Equal(Enumerable.Repeat(SettleResult.Settled, BrokerLimits.BatchSize), reply.Results);
        await AssertCountsAsync();
    }
}
