using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>A paused queue gives out nothing; everything else goes on.</summary>
public abstract class AdminPausingContract : ContractTests
{
    [Fact]
    public void Info_DeclaresTheAbility() => Assert.Null(Broker.Info.LackOf(BrokerAbilities.Pause));

    [Fact]
    public async Task Pause_Queue_GivesOutNothingUntilItIsResumed()
    {
        await Producer.EnqueueAsync(2);
        await PauseAsync();
        await Producer.EnqueueAsync(1);
        Assert.Empty(await Worker.LeaseAsync());
        Assert.True((await StatisticsAsync()).IsPaused);
        await AdvanceAsync(10 * Visibility);
        Assert.Empty(await Worker.LeaseAsync());

        await Broker.Admin.ResumeAsync(Queue, Cancel);

        Assert.False((await StatisticsAsync()).IsPaused);
        Assert.Equal(3, (await Worker.LeaseAsync()).Count);
    }

    [Fact]
    public async Task Pause_LeasesThatAreHeld_AreRenewedAndSettled()
    {
        await Producer.EnqueueAsync(3);
        var leased = await Worker.LeaseAsync(3);
        await PauseAsync();
        Assert.Equal(RenewResult.Renewed, Renew(leased[0].Lease));
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased[0], Ack));
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased[1], RetryNow));
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased[2], Reject));
        await AssertCountsAsync(ready: 1, dead: 1);
    }

    [Fact]
    public async Task Pause_LeasesThatRanOutAndMessagesThatAreDue_GoBackToReady()
    {
        await Producer.EnqueueAsync(2);
        var leased = await Worker.LeaseAsync(2);
        await Worker.SettleAsync(leased[0], new Settlement.Retry(Visibility, null));
        await PauseAsync();
        await AdvanceAsync(PastVisibility);
        var reply = await Worker.SendAsync(Worker.NextLease());
        Assert.Equal((0, 1), (reply.Messages.Count, reply.Reclaimed));
        await AssertCountsAsync(ready: 2);
    }

    [Fact]
    public async Task Pause_ForATime_EndsByItself()
    {
        await Producer.EnqueueAsync(1);
        await PauseAsync(Visibility);
        var paused = await Worker.SendAsync(Worker.NextLease());
        Assert.Empty(paused.Messages);
        Assert.NotNull(paused.NextDue);
        Assert.InRange(paused.NextDue.Value, TimeSpan.Zero, Visibility);
        await AdvanceAsync(PastVisibility);
        Assert.False((await StatisticsAsync()).IsPaused);
        Assert.Single(await Worker.LeaseAsync());
    }

    [Fact]
    public async Task Pause_UntilResumed_NamesNoTimeWhenNothingElseCanHappen()
    {
        await Producer.EnqueueAsync(1);
        await PauseAsync();
        Assert.Null((await Worker.SendAsync(Worker.NextLease())).NextDue);
    }

    [Fact]
    public async Task Pause_Again_ReplacesTheEarlierPause()
    {
        await Producer.EnqueueAsync(1);
        await PauseAsync();
        await PauseAsync(Visibility);
        await AdvanceAsync(PastVisibility);
        Assert.Single(await Worker.LeaseAsync());
    }

    [Fact]
    public async Task Pause_QueueThatHasNoMessageYet_HoldsForItsFirst()
    {
        await PauseAsync();
        await Producer.EnqueueAsync(1);
        Assert.Empty(await Worker.LeaseAsync());
    }

    [Fact]
    public async Task Lease_RepeatedAfterAPause_GivesTheSameLeases()
    {
        await Producer.EnqueueAsync(2);
        var request = Worker.NextLease();
        var first = await Worker.SendAsync(request);
        await PauseAsync();
        var again = await Worker.SendAsync(request);
        Assert.Equal(CallStanding.Repeated, again.Answer.Standing);
        Assert.Equal(first.Messages.Select(message => message.Lease), again.Messages.Select(message => message.Lease));
    }

    [Fact]
    public async Task Resume_QueueThatIsNotPaused_ChangesNothing()
    {
        await Broker.Admin.ResumeAsync(Queue, Cancel);
        await Producer.EnqueueAsync(1);
        await Broker.Admin.ResumeAsync(Queue, Cancel);
        Assert.Single(await Worker.LeaseAsync());
    }

    [Fact]
    public async Task Pause_AndResume_AreHeardAsControl()
    {
        var heard = 0;
        using var listening = Broker.Listen(Queue, hint => _ = hint == QueueHint.Control && Interlocked.Increment(ref heard) > 0);

        // A hint may be missed: by who has only begun to listen, for example.
        await Eventually.TrueAsync(
            async () =>
            {
                await PauseAsync();
                return Volatile.Read(ref heard) > 0;
            },
            "a pause is heard");
        var before = Volatile.Read(ref heard);
        await Eventually.TrueAsync(
            async () =>
            {
                await Broker.Admin.ResumeAsync(Queue, Cancel);
                return Volatile.Read(ref heard) > before;
            },
            "a resumption is heard");
    }

    private Task PauseAsync(TimeSpan? time = null) => Broker.Admin.PauseAsync(new PauseRequest(Queue, time), Cancel);
}
