using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Settlements that come after the lease ended.</summary>
public abstract class LateSettlingContract : ContractTests
{
    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task Settle_ExpiredButNotReclaimed_IsSettled(string settlement)
    {
        var leased = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased, Named(settlement)));
    }

    [Theory]
    [InlineData("ack", 0)]
    [InlineData("dead-letter", 1)]
    public async Task A_late_end_is_accepted_after_reclaim_until_somebody_else_has_the_message(string settlement, int dead)
    {
        var leased = await ReclaimedAsync();
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased, Named(settlement)));
        Assert.Empty(await NewClient().LeaseAsync());
        await AssertCountsAsync(dead: dead);
    }

    [Theory]
    [InlineData("ack")]
    [InlineData("dead-letter")]
    public async Task A_late_end_is_accepted_after_the_session_was_returned(string settlement)
    {
        var leased = await LeaseNewAsync();
        await Worker.ReturnAsync();
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased, Named(settlement)));
        Assert.Empty(await NewClient().LeaseAsync());
    }

    [Theory]
    [InlineData("ack")]
    [InlineData("dead-letter")]
    public async Task A_late_end_is_repeatable(string settlement)
    {
        var leased = await ReclaimedAsync();
        await Worker.SettleAsync(leased, Named(settlement));
        Assert.Equal(SettleResult.Already, await Worker.SettleAsync(leased, Named(settlement)));
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("release")]
    public async Task Settle_RetryOrReleaseAfterReclaim_IsAlreadyBecauseItIsReadyAgain(string settlement)
    {
        var leased = await ReclaimedAsync();
        Assert.Equal(SettleResult.Already, await Worker.SettleAsync(leased, Named(settlement)));
        var again = Assert.Single(await NewClient().LeaseAsync());
        Assert.Equal((2, 1), (again.DeliveryCount, again.WorkerLosses));
    }

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task Settle_GivenToSomebodyElse_IsStaleAndChangesNothing(string settlement)
    {
        var stale = await ReclaimedAsync();
        var other = NewClient();
        var held = Assert.Single(await other.LeaseAsync());
        Assert.Equal(SettleResult.Stale, await Worker.SettleAsync(stale, Named(settlement)));
        await AssertCountsAsync(leased: 1);
        Assert.Equal(RenewResult.Renewed, Renew(held.Lease));
        Assert.Equal(SettleResult.Settled, await other.SettleAsync(held, Ack));
    }

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task Settle_LeasedAgainByTheSameSession_IsStale(string settlement)
    {
        var stale = await ReclaimedAsync();
        Assert.Single(await Worker.LeaseAsync());
        Assert.Equal(SettleResult.Stale, await Worker.SettleAsync(stale, Named(settlement)));
        await AssertCountsAsync(leased: 1);
    }

    [Theory]
    [InlineData("ack")]
    [InlineData("retry")]
    [InlineData("release")]
    public async Task Settle_DeadLetteredAtTheDeliveryLimit_IsStale(string settlement)
    {
        var leased = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        await Worker.LeaseAsync(0, maxDeliveries: 1);
        Assert.Equal(SettleResult.Stale, await Worker.SettleAsync(leased, Named(settlement)));
        await AssertCountsAsync(dead: 1);
    }

    [Fact]
    public async Task Settle_DeadLetterAfterTheDeliveryLimitDidIt_IsAlready()
    {
        var leased = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        await Worker.LeaseAsync(0, maxDeliveries: 1);
        Assert.Equal(SettleResult.Already, await Worker.SettleAsync(leased, Reject));
        Assert.Equal(DeadLetterReason.DeliveryLimit, Assert.Single(await DeadLettersAsync()).DeadLetterReason);
    }

    [Fact]
    public async Task Settle_StaleTokenOfADeadLetteredMessage_IsStale()
    {
        var stale = await ReclaimedAsync();
        var other = NewClient();
        await other.SettleAsync(Assert.Single(await other.LeaseAsync()), Reject);
        Assert.Equal(SettleResult.Stale, await Worker.SettleAsync(stale, Reject));
    }

    /// <summary>A message whose lease ran out and was reclaimed, not yet leased again.</summary>
    private async Task<LeasedMessage> ReclaimedAsync()
    {
        var leased = await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        Assert.Equal(1, (await Worker.SendAsync(Worker.NextLease(0))).Reclaimed);
        return leased;
    }
}
