using ReliableQueue.Broker;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;
using ReliableQueue.Testing;

namespace ReliableQueue.Simulation.Queue;

/// <summary>
/// The broker of the simulation: the rules of the reference broker on one queue, with the fault that is planted, every change reported to the history in the same step. It
/// keeps the ends of messages too, so that what comes back from the dead is seen.
/// </summary>
internal sealed class SimulatedRules : QueueRules
{
    private readonly Chance chance;
    private readonly PlantedBug bug;
    private bool hasLostWrites;
    private long callersClock;

    public SimulatedRules(EventLoop loop, Chance chance, History history, PlantedBug bug)
        : base(new LoopTime(loop), () => (long)chance.Next())
    {
        (this.chance, this.bug) = (chance, bug);
        Observer = new HistoryObserver(history);
    }

    public IEnumerable<QueuedMessage> Live => Messages.Where(message => message.IsLive);

    public bool HasLive
    {
        get
        {
            foreach (var message in Contents.Messages.Values)
            {
                if (message.IsLive)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <param name="request">The call.</param>
    /// <param name="clock">The wall clock of whoever calls, as an offset: only a bug looks at it.</param>
    public LeaseReply Lease(LeaseRequest request, long clock)
    {
        callersClock = clock;
        return Lease(bug switch
        {
            PlantedBug.SuspectsIgnored => request with { MaxSuspects = int.MaxValue },
            PlantedBug.NothingLeasedBesideASuspect when request.MaxSuspects == 0 => request with { MaxMessages = 0 },
            _ => request,
        });
    }

    public IReadOnlyList<SettleResult> SettleAll(IReadOnlyList<LeaseSettlement> requests) => [.. requests.Select(Settle)];

    public IReadOnlyList<RenewResult> RenewAll(IReadOnlyList<HeldLease> leases, TimeSpan visibilityTimeout) => [.. leases.Select(lease => Renew(lease, visibilityTimeout))];

    public override ReturnReply ReturnSession(ReturnRequest request)
    {
        var reply = base.ReturnSession(request);
        return bug == PlantedBug.ReturnHidesTheLoss ? reply with { StateRegressed = false } : reply;
    }

    public override void Restore(QueueContents snapshot)
    {
        base.Restore(snapshot);
        hasLostWrites = true;
    }

    public override void Flush()
    {
        base.Flush();
        hasLostWrites = true;
    }

    protected override bool IsDone(CallStanding standing, bool isLease) =>
        base.IsDone(standing, isLease)
        && !(standing == CallStanding.Repeated && bug == (isLease ? PlantedBug.LeaseTwiceWhenRepeated : PlantedBug.EnqueueTwiceWhenRepeated));

    protected override void Store(NewMessage message)
    {
        if (bug != PlantedBug.EnqueueAnsweredButNotStored || !chance.Hit(0.05))
        {
            base.Store(bug == PlantedBug.DelayForgotten ? message with { Terms = null } : message);
        }
    }

    protected override List<QueuedMessage> Expired(long now) => bug switch
    {
        PlantedBug.NoReclaim => [],
        PlantedBug.ReclaimByTheWorkersClock => base.Expired(now + callersClock),
        _ => base.Expired(now),
    };

    protected override List<QueuedMessage> HeldBy(SessionId session)
    {
        var held = base.HeldBy(session);
        if (bug == PlantedBug.ReturnSkipsMessages)
        {
            held.RemoveRange(0, (held.Count + 1) / 2);
        }

        return held;
    }

    protected override void Fence(SessionId session)
    {
        if (bug != PlantedBug.ReturnDoesNotFence)
        {
            base.Fence(session);
        }
    }

    protected override bool IsOffered(QueuedMessage message, long now) => bug switch
    {
        PlantedBug.PromotionTooLate => message.IsReady(message.DueAt == 0 ? now : now - TimeSpan.FromSeconds(20).Ticks),
        PlantedBug.EndedMessageOfferedAgain => message.IsReady(now) || (message.IsGone && chance.Hit(0.001)),
        PlantedBug.LeaseAgainWhileLeased => message.IsReady(now) || (message is { IsLive: true, IsLeased: true } && chance.Hit(0.001)),
        _ => message.IsReady(now),
    };

    protected override int CountLease(QueuedMessage message) => bug == PlantedBug.CountAtSettlement ? message.Deliveries + 1 : base.CountLease(message);

    protected override long NextFence(long now) => base.NextFence(now) - (bug == PlantedBug.FenceGoesBack && chance.Hit(0.02) ? 6 : 0);

    protected override bool Holds(QueuedMessage message, HeldLease lease) =>
        base.Holds(message, lease) || (bug == PlantedBug.RenewWithoutFence && message.IsLeased);

    protected override void Extend(QueuedMessage message, long until)
    {
        if (bug != PlantedBug.RenewalIgnored)
        {
            base.Extend(message, until);
        }
    }

    protected override bool IsNewest(QueuedMessage message, LeaseSettlement request)
    {
        var ignoresFence = request.Settlement is Settlement.Ack ? bug == PlantedBug.AckWithoutFence : request.Settlement is Settlement.Retry && bug == PlantedBug.RetryWithoutFence;
        return base.IsNewest(message, request) || (ignoresFence && message.IsLive);
    }

    protected override void Apply(QueuedMessage message, LeaseSettlement request)
    {
        var forgets = bug == PlantedBug.SettlementAnsweredButNotDone || (bug == PlantedBug.SettlementNotDoneAfterALoss && hasLostWrites);
        if (forgets && chance.Hit(0.05))
        {
            return;
        }

        message.Deliveries += bug == PlantedBug.CountAtSettlement ? 1 : 0;
        base.Apply(message, request);
        message.Deliveries = request.Settlement is Settlement.Retry && bug == PlantedBug.RetryIsANewMessage ? 0 : message.Deliveries;
        message.Deliveries += request.Settlement is Settlement.Release && bug == PlantedBug.ReleaseIsCounted ? 1 : 0;
    }

    protected override bool Lose(QueuedMessage message, WorkerLossKind loss, int maxDeliveries)
    {
        var isDead = base.Lose(message, loss, bug == PlantedBug.NoDeliveryLimit ? int.MaxValue : maxDeliveries);
        var drops = bug == PlantedBug.ReclaimDropsTheMessage || (bug == PlantedBug.ReclaimDropsTheMessageAfterALoss && hasLostWrites);
        if (!isDead && drops && loss == WorkerLossKind.Reclaimed && chance.Hit(0.2))
        {
            Contents.Messages.Remove(message.Id);
        }

        return isDead;
    }

    protected override void DeadLetter(QueuedMessage message, DeadLetterReason reason, string? text)
    {
        base.DeadLetter(message, reason, text);
        (message.IsDead, message.IsGone) = bug == PlantedBug.DeadLetterDropped ? (false, true) : (true, false);
    }

    protected override void Forget(QueuedMessage message) => message.IsGone = true;

    /// <summary>The clock of the broker: the one line of time, in ticks.</summary>
    private sealed class LoopTime(EventLoop loop) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => loop.Now;

        public override DateTimeOffset GetUtcNow() => new(loop.Now, TimeSpan.Zero);
    }
}
