using ReliableQueue.Broker;
using ReliableQueue.Testing;
using ReliableQueue.TestKit;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>
/// The reference broker next to the one under test: every command is done by both, and what they answer is compared. Where the port leaves an order or a number open (which
/// of the messages delivered before comes first, the fences), the reference is told what the other one chose, and the choice is held to what the port does say.
/// </summary>
internal sealed class Specification
{
    private readonly VirtualTime time = new();
    private readonly ToldRules rules;
    private long lastFence;
    private long lastPromotion;
    private int ghosts;

    public Specification() => rules = new ToldRules(time);

    public void Advance(long seconds) => time.Advance(TimeSpan.FromSeconds(seconds));

    public void Enqueue(EnqueueRequest request, CallAnswer answer)
    {
        var expected = rules.Enqueue(request).Answer;
        Assert.Equal((expected.Standing, expected.StateRegressed), (answer.Standing, answer.StateRegressed));
    }

    public void Lease(LeaseRequest request, LeaseReply reply)
    {
        rules.Told = reply.Messages;
        var expected = rules.Lease(request);
        Assert.Equal((expected.Answer.Standing, expected.Answer.StateRegressed), (reply.Answer.Standing, reply.Answer.StateRegressed));
        Assert.Equal((expected.Reclaimed, expected.DeadLettered), (reply.Reclaimed, reply.DeadLettered));
        AssertSame(expected.Messages, reply.Messages);
        if (reply.Answer.Standing == CallStanding.Applied)
        {
            lastPromotion = rules.Clock;
        }

        foreach (var leased in reply.Messages.Where(_ => reply.Answer.Standing == CallStanding.Applied))
        {
            Assert.True(leased.Lease.Token.Fence > lastFence, "The fence did not rise.");
            lastFence = leased.Lease.Token.Fence;
        }
    }

    public RenewResult Renew(HeldLease lease, TimeSpan visibilityTimeout) => rules.Renew(lease, visibilityTimeout);

    public SettleResult Settle(HeldLease lease, Settlement settlement)
    {
        var wasReady = rules.Find(lease.Message) is { State: MessageState.Ready };
        var result = rules.Settle(new LeaseSettlement(lease, settlement));

        // A broker may find an ended message out only when it comes to the head of the line, and count it until then.
        ghosts += wasReady && result == SettleResult.Settled ? 1 : 0;
        return result;
    }

    public void Return(ReturnRequest request, ReturnReply reply)
    {
        var expected = rules.ReturnSession(request);
        Assert.Equal((expected.Returned, expected.DeadLettered, expected.IsComplete), (reply.Returned, reply.DeadLettered, reply.IsComplete));
    }

    public void AssertStatistics(QueueStatistics actual, bool countsDueAsReady)
    {
        var expected = rules.Count();
        var due = countsDueAsReady ? 0 : rules.Messages.Count(message => message.IsReady(rules.Clock) && message.DueAt > lastPromotion);
        Assert.Equal((expected.Scheduled + due, expected.Leased, expected.DeadLettered), (actual.Scheduled, actual.Leased, actual.DeadLettered));
        Assert.InRange(actual.Ready, expected.Ready - due, expected.Ready - due + ghosts);
    }

    private static void AssertSame(IReadOnlyList<LeasedMessage> expected, IReadOnlyList<LeasedMessage> actual) =>
        Assert.Equal(expected.Select(FactsOf).OrderBy(facts => facts.Fence), actual.Select(FactsOf).OrderBy(facts => facts.Fence));

    private static (long Fence, HeldLease Lease, string Envelope, int Deliveries, int Losses, int Generation) FactsOf(LeasedMessage leased) =>
        (leased.Lease.Token.Fence, leased.Lease, Convert.ToHexString(leased.Envelope.Span), leased.DeliveryCount, leased.WorkerLosses, leased.Generation);

    /// <summary>The rules, told which messages the other broker took and with which fences.</summary>
    private sealed class ToldRules(VirtualTime time) : QueueRules(time, () => 1)
    {
        private int given;

        public IReadOnlyList<LeasedMessage> Told { get; set; } = [];

        public long Clock => Now;

        protected override List<QueuedMessage> Choose(LeaseRequest request, long now)
        {
            given = 0;
            var chosen = base.Choose(request, now);
            var told = Told.Select(leased => Contents.Messages[leased.Lease.Message]).ToList();
            Assert.All(told, message => Assert.True(message.IsReady(now), $"{message.Id} was given out and is not ready."));
            Assert.Equal(chosen.Count, told.Count);
            Assert.InRange(told.Count(message => message.Losses >= 2), 0, request.MaxSuspects);

            // Those never delivered keep their order; whatever was delivered before goes ahead of them, and none of it is passed over.
            Assert.Equal(chosen.Where(IsFresh), told.Where(IsFresh));
            Assert.Equal(told.OrderBy(IsFresh), told);
            return told;
        }

        protected override long NextFence(long now) => Told[given++].Lease.Token.Fence;

        private static bool IsFresh(QueuedMessage message) => message.Place > 0;
    }
}
