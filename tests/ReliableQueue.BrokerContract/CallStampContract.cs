using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Repeated, hidden and lost calls.</summary>
public abstract class CallStampContract : ContractTests
{
    [Fact]
    public async Task Enqueue_SameNumber_IsRepeatedAndCreatesNothingTwice()
    {
        var request = Producer.NextEnqueue(ContractClient.NewMessages(2));
        var first = await Producer.SendAsync(request);
        var again = await Producer.SendAsync(request);
        Assert.Equal(CallStanding.Repeated, again.Standing);
        Assert.Equal(first.Epoch, again.Epoch);
        await AssertCountsAsync(ready: 2);
    }

    [Fact]
    public async Task Enqueue_LowerNumber_IsAlreadyAndDoesNothing()
    {
        var hidden = Producer.NextEnqueue(ContractClient.NewMessages(1));
        await Producer.SendAsync(hidden);
        await Producer.EnqueueAsync(1);
        Assert.Equal(CallStanding.Already, (await Producer.SendAsync(hidden)).Standing);
        await AssertCountsAsync(ready: 2);
    }

    [Fact]
    public async Task Enqueue_SameNumberAfterTheMessageWasAcked_DoesNotBringItBack()
    {
        var request = Producer.NextEnqueue(ContractClient.NewMessages(1));
        await Producer.SendAsync(request);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), Ack);
        Assert.Equal(CallStanding.Repeated, (await Producer.SendAsync(request)).Standing);
        await AssertCountsAsync();
    }

    [Fact]
    public async Task Enqueue_LowerNumberAfterTheMessageWasAcked_DoesNotBringItBack()
    {
        var hidden = Producer.NextEnqueue(ContractClient.NewMessages(1));
        await Producer.SendAsync(hidden);
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), Ack);
        await Producer.EnqueueAsync(1);
        Assert.Equal(CallStanding.Already, (await Producer.SendAsync(hidden)).Standing);
        await AssertCountsAsync(ready: 1);
    }

    [Fact]
    public async Task Enqueue_ConsecutiveNumbers_NothingRegressed()
    {
        var first = await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessages(1)));
        var second = await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessages(1)));
        Assert.False(first.StateRegressed || second.StateRegressed);
    }

    [Fact]
    public async Task Enqueue_SkippedNumber_ReportsStateRegressedAndIsDone()
    {
        await Producer.EnqueueAsync(1);
        _ = Producer.NextEnqueue();
        var answer = await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessages(1)));
        Assert.Equal((CallStanding.Applied, true), (answer.Standing, answer.StateRegressed));
        await AssertCountsAsync(ready: 2);
    }

    [Fact]
    public async Task Enqueue_RepeatOfASkippedNumber_ReportsStateRegressedAgain()
    {
        _ = Producer.NextEnqueue();
        var request = Producer.NextEnqueue(ContractClient.NewMessages(1));
        await Producer.SendAsync(request);
        var again = await Producer.SendAsync(request);
        Assert.Equal((CallStanding.Repeated, true), (again.Standing, again.StateRegressed));
    }

    [Fact]
    public async Task Enqueue_UnseenLaneAboveOne_ReportsStateRegressedAndIsDone()
    {
        _ = Producer.NextEnqueue();
        var answer = await Producer.SendAsync(Producer.NextEnqueue(ContractClient.NewMessages(1)));
        Assert.Equal((CallStanding.Applied, true), (answer.Standing, answer.StateRegressed));
        await AssertCountsAsync(ready: 1);
    }

    [Fact]
    public async Task Lanes_of_one_session_are_numbered_apart()
    {
        await Producer.EnqueueAsync(1);
        await Producer.EnqueueAsync(1);
        var onLaneTwo = new EnqueueRequest(Queue, new CallStamp(Producer.Session, 2, 1), ContractClient.NewMessages(1));
        var answer = await Producer.SendAsync(onLaneTwo);
        Assert.Equal((CallStanding.Applied, false), (answer.Standing, answer.StateRegressed));
    }

    [Fact]
    public async Task Lease_SameNumber_ReturnsTheSameLeasesAndCountsNothingAgain()
    {
        await Producer.EnqueueAsync(3);
        var request = Worker.NextLease(2);
        var first = await Worker.SendAsync(request);
        var again = await Worker.SendAsync(request);
        Assert.Equal(CallStanding.Repeated, again.Answer.Standing);
        Assert.Equal(first.Messages.Select(Shown), again.Messages.Select(Shown));
        await AssertCountsAsync(ready: 1, leased: 2);
    }

    [Fact]
    public async Task Lease_SameNumberAfterOneWasSettled_ReturnsTheRest()
    {
        await Producer.EnqueueAsync(2);
        var request = Worker.NextLease();
        var first = await Worker.SendAsync(request);
        await Worker.SettleAsync(first.Messages[0], Ack);
        Assert.Equal(Shown(first.Messages[1]), Shown(Assert.Single((await Worker.SendAsync(request)).Messages)));
    }

    [Fact]
    public async Task Lease_SameNumberAfterTheLeaseWasReclaimed_ReturnsNothing()
    {
        await Producer.EnqueueAsync(1);
        var request = Worker.NextLease();
        await Worker.SendAsync(request);
        await AdvanceAsync(PastVisibility);
        await NewClient().LeaseAsync(0);
        Assert.Empty((await Worker.SendAsync(request)).Messages);
        await AssertCountsAsync(ready: 1);
    }

    [Fact]
    public async Task Lease_SameNumberAfterTheLeaseRanOut_ReclaimsNothing()
    {
        await Producer.EnqueueAsync(1);
        var request = Worker.NextLease();
        await Worker.SendAsync(request);
        await AdvanceAsync(PastVisibility);
        Assert.Single((await Worker.SendAsync(request)).Messages);
        await AssertCountsAsync(leased: 1);
    }

    [Fact]
    public async Task Lease_SameNumber_LastsAWholeTimeoutFromNow()
    {
        await Producer.EnqueueAsync(1);
        var request = Worker.NextLease();
        await Worker.SendAsync(request);
        await AdvanceAsync(TimeSpan.FromSeconds(200));
        await Worker.SendAsync(request);
        await AdvanceAsync(TimeSpan.FromSeconds(200));
        Assert.Empty(await NewClient().LeaseAsync());
        await AdvanceAsync(TimeSpan.FromSeconds(120));
        Assert.Single(await NewClient().LeaseAsync());
    }

    [Fact]
    public async Task Lease_LowerNumber_IsAlreadyAndLeasesNothing()
    {
        await Producer.EnqueueAsync(2);
        var hidden = Worker.NextLease(1);
        await Worker.SendAsync(hidden);
        await Worker.LeaseAsync(0);
        var reply = await Worker.SendAsync(hidden);
        Assert.Equal(CallStanding.Already, reply.Answer.Standing);
        Assert.Empty(reply.Messages);
        await AssertCountsAsync(ready: 1, leased: 1);
    }

    [Fact]
    public async Task Lease_SkippedNumber_ReportsStateRegressedAndLeases()
    {
        await Producer.EnqueueAsync(1);
        _ = Worker.NextLease();
        var reply = await Worker.SendAsync(Worker.NextLease());
        Assert.True(reply.Answer.StateRegressed);
        Assert.Single(reply.Messages);
    }

    private static (HeldLease, string, int, int) Shown(LeasedMessage message) =>
        (message.Lease, Convert.ToHexString(message.Envelope.Span), message.DeliveryCount, message.WorkerLosses);
}
