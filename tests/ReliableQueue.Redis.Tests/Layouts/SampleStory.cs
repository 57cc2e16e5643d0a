using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.Redis.Tests.Layouts;

/// <summary>
/// A queue that has used everything the layout has; the envelope of each message is the name of what came of it. A version that stores something new lets the story use it,
/// and gets a sample of its own: the samples of earlier versions tell the story of their time.
/// </summary>
internal sealed class SampleStory(IQueueBroker broker, QueueName name)
{
    private readonly TestQueue queue = new(broker, name.Value);

    public async Task TellAsync()
    {
        // One message at a time, so that each lease gives the one that was meant; what ends in a list goes there last.
        await LoseAsync("suspect", times: 2);
        var (rejected, redriven) = (await LeaseAsync("rejected"), await LeaseAsync("redriven"));
        Settlement reject = new Settlement.DeadLetter(DeadLetterReason.Rejected, "no such address");
        await queue.SettleAsync(rejected, reject);
        await queue.SettleAsync(redriven, reject);
        await queue.SettleAsync(await LeaseAsync("scheduled"), new Settlement.Retry(TimeSpan.FromHours(1), "busy"));
        await LeaseAsync("held");
        await LeaseTwiceAsync("held again", queue);
        var (dying, gone, overdue) = (Worker(), Worker(), Worker());
        await LeaseTwiceAsync("limit", dying);
        await LeaseAsync("lost", gone);
        var late = await LeaseAsync("late", overdue);
        var (retried, released) = (await LeaseAsync("retried"), await LeaseAsync("released"));

        await queue.SettleAsync(retried, new Settlement.Retry(TimeSpan.Zero, "busy"));
        await queue.SettleAsync(released, new Settlement.Release(TimeSpan.Zero));
        await ReturnAsync(dying, maxDeliveries: 2);
        await ReturnAsync(gone, maxDeliveries: 5);
        await ReturnAsync(overdue, maxDeliveries: 5);
        Assert.Equal(SettleResult.Settled, await overdue.SettleAsync(late, new Settlement.DeadLetter(DeadLetterReason.Unreadable, null)));
        await broker.Admin.RedriveAsync(new RedriveRequest(name, [redriven.Lease.Message]), CancellationToken.None);
        await EnqueueAsync("fresh");
        await broker.Admin.DeleteAsync(new DeleteRequest(name, [await EnqueueAsync("deleted")]), CancellationToken.None);
        await broker.Admin.AnnounceAsync(new WorkerAnnouncement(name, queue.Worker, "host/1", 8, TimeSpan.FromMinutes(1)), CancellationToken.None);
        await broker.Admin.PauseAsync(new PauseRequest(name, null), CancellationToken.None);
    }

    private TestQueue Worker() => new(broker, name.Value);

    private async Task<MessageId> EnqueueAsync(string text)
    {
        var message = TestQueue.Message(text);
        await broker.EnqueueAsync(queue.NextEnqueue(message), CancellationToken.None);
        return message.Id;
    }

    private async Task<LeasedMessage> LeaseAsync(string text, TestQueue? worker = null)
    {
        var id = await EnqueueAsync(text);
        var leased = Assert.Single((await (worker ?? queue).LeaseAsync(1, suspects: 0)).Messages);
        Assert.Equal(id, leased.Lease.Message);
        return leased;
    }

    private async Task LeaseTwiceAsync(string text, TestQueue worker)
    {
        await worker.SettleAsync(await LeaseAsync(text, worker), new Settlement.Retry(TimeSpan.Zero, "busy"));
        Assert.Equal(2, Assert.Single((await worker.LeaseAsync(1, suspects: 0)).Messages).DeliveryCount);
    }

    private async Task LoseAsync(string text, int times)
    {
        await EnqueueAsync(text);
        for (var i = 0; i < times; i++)
        {
            var worker = Worker();
            Assert.Single((await worker.LeaseAsync(1)).Messages);
            await ReturnAsync(worker, maxDeliveries: 5);
        }
    }

    private Task<ReturnReply> ReturnAsync(TestQueue worker, int maxDeliveries) =>
        broker.ReturnAsync(new ReturnRequest(name, worker.Worker, maxDeliveries), CancellationToken.None);
}
