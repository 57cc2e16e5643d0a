using Microsoft.Extensions.Logging.Abstractions;
using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;
using ReliableQueue.Messages;
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
        using var meter = new QueueMeter();
        var keeper = new LeaseKeeper(this, meter, time, NullLogger.Instance);
        keeper.Keep(TableOf("silent"));
        keeper.Keep(TableOf("well"));
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

    private LeaseTable TableOf(string name)
    {
        var queue = QueueName.Parse(name);
        var table = new LeaseTable(new LeaseSettings(queue, 16, TimeSpan.FromSeconds(30), 5, TimeSpan.FromSeconds(1), null, TimeSpan.Zero, new MessageLimits(1024, 1, 1)), time);
        var random = new SeededRandom(1);
        var leased = new LeasedMessage(new HeldLease(MessageId.New(time, random), new LeaseToken(SessionId.New(random), 1)), default, 1, 0);
        var sentAt = time.GetTimestamp();
        Assert.True(table.TryAdd(new Delivery(queue, leased, EnvelopeReading.Of(Envelope.Unread), new LeaseHold(time, TaskScheduler.Default, table.DeadlineOf(sentAt), _ => { })), sentAt));
        return table;
    }
}
