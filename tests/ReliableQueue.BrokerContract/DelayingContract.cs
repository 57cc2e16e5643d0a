using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>Messages that wait in the broker before their first delivery.</summary>
public abstract class DelayingContract : ContractTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(200);

    [Fact]
    public async Task Enqueue_Delayed_IsScheduledAndNotLeasedBeforeItIsDue()
    {
        var id = await EnqueueAsync(Soon);
        await AssertCountsAsync(scheduled: 1);
        Assert.Empty(await Worker.LeaseAsync());

        await AdvanceAsync(Soon / 2);
        Assert.Empty(await Worker.LeaseAsync());

        await AdvanceAsync(Soon / 2 + TimeSpan.FromSeconds(1));
        Assert.Equal(id, Assert.Single(await Worker.LeaseAsync()).Lease.Message);
    }

    [Fact]
    public async Task Lease_DelayedMessage_IsItsFirstDelivery()
    {
        await EnqueueAsync(Soon);
        await AdvanceAsync(Soon + TimeSpan.FromSeconds(1));

        var reply = await Worker.SendAsync(Worker.NextLease());

        Assert.False(reply.Answer.StateRegressed);
        var leased = Assert.Single(reply.Messages);
        Assert.Equal((1, 0, 0), (leased.DeliveryCount, leased.WorkerLosses, leased.Generation));
        Assert.Equal(SettleResult.Settled, await Worker.SettleAsync(leased, Ack));
        await AssertCountsAsync();
        Assert.False((await Worker.SendAsync(Worker.NextLease())).Answer.StateRegressed);
    }

    [Fact]
    public async Task Enqueue_DelayedBesidePlain_IsOneCallAndEachComesInItsTime()
    {
        var (late, now, soon) = (Delayed(Late), ContractClient.NewMessage(1), Delayed(Soon));
        Assert.Equal(CallStanding.Applied, (await Producer.SendAsync(Producer.NextEnqueue(late, now, soon))).Standing);
        await AssertCountsAsync(ready: 1, scheduled: 2);

        var first = await Worker.SendAsync(Worker.NextLease());
        Assert.Equal(now.Id, Assert.Single(first.Messages).Lease.Message);
        await Worker.SettleAsync(first.Messages[0], Ack);
        var due = (await Worker.SendAsync(Worker.NextLease())).NextDue;
        Assert.NotNull(due);
        Assert.InRange(due.Value, Soon * 0.8, Soon);

        await AdvanceAsync(Late + TimeSpan.FromSeconds(1));
        Assert.Equal([soon.Id, late.Id], (await Worker.LeaseAsync()).Select(message => message.Lease.Message));
    }

    [Fact]
    public async Task Enqueue_DelayedCallThatIsRepeated_SchedulesOnce()
    {
        var request = Producer.NextEnqueue(Delayed(Soon), Delayed(Late));
        await Producer.SendAsync(request);
        Assert.Equal(CallStanding.Repeated, (await Producer.SendAsync(request)).Standing);
        await AssertCountsAsync(scheduled: 2);

        await AdvanceAsync(Late + TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await Worker.LeaseAsync()).Count);
        await AssertCountsAsync(leased: 2);
    }

    [Fact]
    public async Task Lease_DelayedThatIsDue_GoesBeforeMessagesThatWereNeverDelivered()
    {
        var waited = await EnqueueAsync(Soon);
        await Producer.EnqueueAsync(2);
        await AdvanceAsync(Soon + TimeSpan.FromSeconds(1));

        Assert.Equal(waited, (await Worker.LeaseAsync())[0].Lease.Message);
    }

    [Fact]
    public async Task FindAndBrowse_Delayed_ShowWhenItIsDue()
    {
        var id = await EnqueueAsync(Soon);

        var found = await Broker.Admin.FindAsync(new FindRequest(Queue, id), Cancel);
        Assert.Equal((MessageState.Scheduled, 0), (found?.State, found?.DeliveryCount));
        Assert.NotNull(found?.DueAt);
        Assert.Equal(id, Assert.Single((await Broker.Admin.BrowseAsync(new BrowseRequest(Queue, MessageState.Scheduled, null, 10), Cancel)).Messages).Id);
    }

    [Fact]
    public async Task Browse_DelayedByPages_ShowsEachOnceInTheOrderInWhichTheyAreDue()
    {
        var delays = Enumerable.Range(1, 7).Select(number => Soon * (number * 3 % 7 + 1)).ToList();
        var messages = delays.ConvertAll(Delayed);
        await Producer.SendAsync(Producer.NextEnqueue([.. messages]));

        List<StoredMessage> seen = [];
        string? cursor = null;
        do
        {
            var page = await Broker.Admin.BrowseAsync(new BrowseRequest(Queue, MessageState.Scheduled, cursor, 2), Cancel);
            seen.AddRange(page.Messages);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        var order = messages.Zip(delays).OrderBy(pair => pair.Second).ToList();
        Assert.Equal(order.Select(pair => pair.First.Id), seen.Select(message => message.Id));
        AssertApart(order[^1].Second - order[0].Second, seen[0].DueAt, seen[^1].DueAt);
        Assert.All(seen, message => Assert.Null(message.Terms));
    }

    [Fact]
    public async Task DeleteAndPurge_Delayed_LeaveNothing()
    {
        var id = await EnqueueAsync(Soon);
        await EnqueueAsync(Late);

        Assert.Equal([DeleteResult.Deleted], (await Broker.Admin.DeleteAsync(new DeleteRequest(Queue, [id]), Cancel)).Results);
        Assert.Equal(1, (await Broker.Admin.PurgeAsync(new PurgeRequest(Queue, MessageState.Scheduled, 10), Cancel)).Purged);

        await AdvanceAsync(Late + TimeSpan.FromSeconds(1));
        var reply = await Worker.SendAsync(Worker.NextLease());
        Assert.Empty(reply.Messages);
        Assert.False(reply.Answer.StateRegressed);
        await AssertCountsAsync();
    }

    [Fact]
    public async Task Retry_OfADelayedMessage_IsCountedAsAnyOther()
    {
        await EnqueueAsync(Soon);
        await AdvanceAsync(Soon + TimeSpan.FromSeconds(1));
        await Worker.SettleAsync(Assert.Single(await Worker.LeaseAsync()), RetryNow);

        Assert.Equal(2, Assert.Single(await Worker.LeaseAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Enqueue_FullCallOfDelayedMessages_IsScheduledWhole()
    {
        var messages = Enumerable.Range(0, BrokerLimits.BatchSize).Select(number => Delayed(Soon + TimeSpan.FromMilliseconds(number % 7))).ToArray();
        await Producer.SendAsync(Producer.NextEnqueue(messages));
        await AssertCountsAsync(scheduled: BrokerLimits.BatchSize);

        await AdvanceAsync(Soon + TimeSpan.FromSeconds(1));
        var leased = await Worker.LeaseAsync(BrokerLimits.BatchSize);
        Assert.Equal(messages.Select(message => message.Id).Order(), leased.Select(message => message.Lease.Message).Order());
    }

    private static NewMessage Delayed(TimeSpan delay) => ContractClient.NewMessage(7) with { Terms = new MessageTerms { Delay = delay } };

    private async Task<MessageId> EnqueueAsync(TimeSpan delay)
    {
        var message = Delayed(delay);
        Assert.Equal(CallStanding.Applied, (await Producer.SendAsync(Producer.NextEnqueue(message))).Standing);
        return message.Id;
    }
}
