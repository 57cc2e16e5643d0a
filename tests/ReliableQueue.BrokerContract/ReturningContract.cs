using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Taking back what a dead session holds.</summary>
public abstract class ReturningContract : ContractTests
{
    [Fact]
    public async Task Return_HeldLeases_AreReadyAgainAndCounted()
    {
        await Producer.EnqueueAsync(2);
        await Worker.LeaseAsync();
        var reply = await Worker.ReturnAsync();
        Assert.Equal((2, 0, true), (reply.Returned, reply.DeadLettered, reply.IsComplete));
        Assert.All(await NewClient().LeaseAsync(), message => Assert.Equal((2, 1), (message.DeliveryCount, message.WorkerLosses)));
    }

    [Fact]
    public async Task Return_OtherSessions_KeepTheirLeases()
    {
        var held = await LeaseNewAsync();
        var dead = NewClient();
        await Producer.EnqueueAsync(1);
        await dead.LeaseAsync();
        Assert.Equal(1, (await dead.ReturnAsync()).Returned);
        Assert.Equal(RenewResult.Renewed, Renew(held.Lease));
        await AssertCountsAsync(ready: 1, leased: 1);
    }

    [Fact]
    public async Task Return_Repeated_FindsNothingMore()
    {
        await LeaseNewAsync();
        await Worker.ReturnAsync();
        var again = await Worker.ReturnAsync();
        Assert.Equal((0, 0, true), (again.Returned, again.DeadLettered, again.IsComplete));
        Assert.Equal(2, Assert.Single(await NewClient().LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Return_SettledAndReclaimedLeases_AreLeftAlone()
    {
        await Producer.EnqueueAsync(3);
        var leased = await Worker.LeaseAsync(2);
        await Worker.SettleAsync(leased[0], Ack);
        await AdvanceAsync(PastVisibility);
        await NewClient().LeaseAsync(0);
        Assert.Equal(0, (await Worker.ReturnAsync()).Returned);
        await AssertCountsAsync(ready: 2);
    }

    [Fact]
    public async Task Return_ExpiredButNotReclaimed_IsReturnedOnce()
    {
        await LeaseNewAsync();
        await AdvanceAsync(PastVisibility);
        Assert.Equal(1, (await Worker.ReturnAsync()).Returned);
        Assert.Equal(0, (await NewClient().SendAsync(NewClient().NextLease(0))).Reclaimed);
    }

    [Fact]
    public async Task Return_AtTheDeliveryLimit_DeadLetters()
    {
        await LeaseNewAsync();
        var reply = await Worker.ReturnAsync(maxDeliveries: 1);
        Assert.Equal((0, 1, true), (reply.Returned, reply.DeadLettered, reply.IsComplete));
        Assert.Equal(DeadLetterReason.DeliveryLimit, Assert.Single(await DeadLettersAsync()).DeadLetterReason);
    }

    [Fact]
    public async Task Return_UnknownSession_IsComplete()
    {
        var reply = await Worker.ReturnAsync();
        Assert.Equal(new ReturnReply(0, 0, IsComplete: true, LastCall: 0, StateRegressed: false), reply);
    }

    [Fact]
    public async Task Return_LastCall_IsTheHighestNumberOfTheSessionsLanes()
    {
        await Worker.EnqueueAsync(1);
        await Worker.LeaseAsync();
        await Worker.LeaseAsync();
        await Worker.LeaseAsync();
        var reply = await Worker.ReturnAsync();
        Assert.Equal((3, false), (reply.LastCall, reply.StateRegressed));
    }

    [Fact]
    public async Task Return_LastCallSkippedANumber_ReportsStateRegressedAsItsWorkerMayHaveDiedBeforeItDid()
    {
        await Worker.EnqueueAsync(1);
        _ = Worker.NextLease();
        await Worker.LeaseAsync();
        var reply = await Worker.ReturnAsync();
        Assert.Equal((2, true), (reply.LastCall, reply.StateRegressed));
        Assert.True((await Worker.ReturnAsync()).StateRegressed);
        Assert.False((await NewClient().ReturnAsync()).StateRegressed);
    }

    [Fact]
    public async Task Lease_ReturnedSession_IsFencedAndLeasesNothing()
    {
        await Worker.LeaseAsync();
        await Worker.ReturnAsync();
        await Producer.EnqueueAsync(1);
        var reply = await Worker.SendAsync(Worker.NextLease());
        Assert.Equal(CallStanding.Fenced, reply.Answer.Standing);
        Assert.Empty(reply.Messages);
        await AssertCountsAsync(ready: 1);
    }

    [Fact]
    public async Task Lease_ReturnedSessionThatNeverLeased_IsFenced()
    {
        await Worker.ReturnAsync();
        Assert.Equal(CallStanding.Fenced, (await Worker.SendAsync(Worker.NextLease())).Answer.Standing);
    }

    [Fact]
    public async Task Lease_RepeatByAReturnedSession_IsFenced()
    {
        await Producer.EnqueueAsync(1);
        var request = Worker.NextLease();
        await Worker.SendAsync(request);
        await Worker.ReturnAsync();
        var reply = await Worker.SendAsync(request);
        Assert.Equal(CallStanding.Fenced, reply.Answer.Standing);
        Assert.Empty(reply.Messages);
    }

    [Fact]
    public async Task Enqueue_ReturnedSession_IsDone()
    {
        await Worker.ReturnAsync();
        await Worker.EnqueueAsync(1);
        await AssertCountsAsync(ready: 1);
    }
}
