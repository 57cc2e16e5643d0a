using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>Requests that wait in the network until their sender has long gone on, and arrive then.</summary>
public sealed class LateNetworkTests
{
    [Fact]
    public async Task A_lease_call_that_arrives_late_strands_nothing()
    {
        await using var rig = await LateRig.StartAsync();
        await rig.Direct.EnqueueAsync(2);
        var request = rig.Slow.NextLease(2);

        var reply = await rig.HoldAndRepeatAsync(() => rig.Slow.Broker.LeaseAsync(request, CancellationToken.None));
        Assert.Equal(2, reply.Messages.Count);
        await rig.Direct.AckAsync(reply.Messages);
        await rig.Direct.EnqueueAsync(3);
        var next = await rig.Direct.Broker.LeaseAsync(rig.Slow.NextLease(1), CancellationToken.None);
        await rig.Direct.AckAsync(next.Messages);
        await rig.ReleaseAsync();

        var counts = await rig.Direct.CountAsync();
        Assert.Equal((2, 0), (counts.Ready, counts.Leased));
    }

    [Fact]
    public async Task A_settlement_that_arrives_late_changes_nothing_for_the_next_holder()
    {
        await using var rig = await LateRig.StartAsync();
        await rig.Direct.EnqueueAsync();
        var late = (await rig.Direct.Broker.LeaseAsync(rig.Slow.NextLease(), CancellationToken.None)).Messages;

        await rig.HoldAsync(() => rig.Slow.AckAsync(late));
        await rig.Direct.Broker.ReturnAsync(new ReturnRequest(rig.Direct.Name, rig.Slow.Worker, 5), CancellationToken.None);
        var next = (await rig.Direct.LeaseAsync()).Messages;
        await rig.ReleaseAsync();

        var counts = await rig.Direct.CountAsync();
        Assert.Equal((0, 1), (counts.Ready, counts.Leased));
        Assert.Equal([SettleResult.Settled], await rig.Direct.AckAsync(next));
    }

    [Fact]
    public async Task Replies_that_arrive_late_are_not_taken_for_answers_of_later_calls()
    {
        await using var rig = await LateRig.StartAsync();
        for (var round = 1; round <= 3; round++)
        {
            var request = rig.Slow.NextEnqueue(TestQueue.Message());
            await rig.HoldRepliesAsync(() => rig.Slow.Broker.EnqueueAsync(request, CancellationToken.None));
            Assert.Equal(CallStanding.Repeated, (await Repeated.UntilAnsweredAsync(() => rig.Slow.Broker.EnqueueAsync(request, CancellationToken.None))).Answer.Standing);
            Assert.Equal(round, (await rig.Direct.CountAsync()).Ready);
        }
    }
}
