using ReliableQueue.Broker;
using ReliableQueue.Working.Lease;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Worker;

public sealed class LeaseKeeperTests : IRenewalConnection
{
    private readonly VirtualTime time = new();
    private readonly List<string> asked = [];

    [Fact]
    public void A_queue_whose_renewals_are_not_answered_does_not_keep_the_others_waiting()
    {
        var keeper = new LeaseKeeper(this, time);
        Keep(keeper, "silent");
        Keep(keeper, "well");
        time.Advance(TimeSpan.FromSeconds(11));

        keeper.Step();
        time.Advance(TimeSpan.FromSeconds(2));
        keeper.Step();

        Assert.Equal(["silent", "well", "silent"], asked);
    }

    public RenewReply Renew(RenewRequest request)
    {
        asked.Add(request.Queue.Value);
        return request.Queue.Value == "silent"
            ? throw new BrokerException(BrokerFault.Unknown, "no answer")
            : new RenewReply([.. request.Leases.Select(_ => RenewResult.Renewed)]);
    }

    public void Dispose()
    {
    }

    private void Keep(LeaseKeeper keeper, string name)
    {
        var queue = QueueName.Parse(name);
        var inHand = new InHand(Given.LeaseSettings(queue), time);
        var sentAt = time.GetTimestamp();
        Assert.True(inHand.TryAdd(Given.Delivery(queue, time, inHand.DeadlineOf(sentAt)), sentAt));
        keeper.Keep(inHand, Given.Signals(queue, time));
    }
}
