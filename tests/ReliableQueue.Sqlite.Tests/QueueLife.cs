using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A canned life of one queue: every call that writes, each message settled in another way, leases that end and a session that is returned.</summary>
internal sealed class QueueLife(IQueueBroker broker, QueueName queue, VirtualTime time)
{
    private static readonly TimeSpan visibility = 2 * ContractClient.Visibility;

    /// <summary>Makes the file and one connection to it, so that what fails later is a call and not the making.</summary>
    public async Task BeginAsync()
    {
        var worker = new ContractClient(broker, queue);
        await worker.EnqueueAsync(1);
        await worker.SettleAsync((await worker.LeaseAsync())[0], Settlement.Ack.Plain);
    }

    public async Task LiveAsync(ICallFault fault)
    {
        var worker = new ContractClient(broker, queue);
        var enqueue = worker.NextEnqueue(ContractClient.NewMessages(6));
        var (lease, reclaim) = (worker.NextLease(), worker.NextLease(0));
        var enqueued = (await fault.CallAsync("enqueue", () => worker.SendAsync(enqueue))).Standing;
        Assert.Equal(fault.WasDoneTwice ? CallStanding.Repeated : CallStanding.Applied, enqueued);
        var held = (await fault.CallAsync("lease", () => worker.SendAsync(lease))).Messages;
        Assert.Equal((6, 6), (held.Count, held.Sum(message => message.DeliveryCount)));
        using var renewal = broker.OpenRenewalConnection();
        var renewed = await fault.CallAsync("renew", () => Task.Run(() => renewal.Renew(new RenewRequest(queue, [.. held.Select(message => message.Lease)], visibility)).Results));
        Assert.All(renewed, result => Assert.Equal(RenewResult.Renewed, result));
        Settlement[] ways =
        [
            Settlement.Ack.Plain, new Settlement.Retry(TimeSpan.Zero, null), new Settlement.Release(visibility),
            new Settlement.DeadLetter(DeadLetterReason.Rejected, "no"),
        ];
        LeaseSettlement[] settlements = [.. ways.Select((way, i) => new LeaseSettlement(held[i].Lease, way))];
        var settled = await fault.CallAsync("settle", () => broker.SettleAsync(new SettleRequest(queue, settlements), TestContext.Current.CancellationToken));
        Assert.All(settled.Results, result => Assert.Equal(fault.WasDoneTwice ? SettleResult.Already : SettleResult.Settled, result));
        time.Advance(2 * visibility);
        var reclaimed = (await fault.CallAsync("reclaim", () => worker.SendAsync(reclaim))).Reclaimed;
        Assert.Equal(fault.WasDoneTwice ? 0 : 2, reclaimed);
        var second = new ContractClient(broker, queue);
        var again = second.NextLease();
        Assert.Equal(7, (await fault.CallAsync("lease again", () => second.SendAsync(again))).Messages.Sum(message => message.DeliveryCount));
        var returned = await fault.CallAsync("return", () => second.ReturnAsync());
        Assert.Equal((fault.WasDoneTwice ? 0 : 4, true), (returned.Returned, returned.IsComplete));

        var counts = await broker.Admin.GetStatisticsAsync(queue, TestContext.Current.CancellationToken);
        Assert.Equal((4, 0, 0, 1), (counts.Ready, counts.Scheduled, counts.Leased, counts.DeadLettered));
        var third = new ContractClient(broker, queue);
        var rest = third.NextLease(suspects: 10);
        Assert.Equal(11, (await fault.CallAsync("lease the rest", () => third.SendAsync(rest))).Messages.Sum(message => message.DeliveryCount));
    }
}
