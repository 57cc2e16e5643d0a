using ReliableQueue.Broker;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Queue;

/// <summary>
/// The broker of the simulation: the rules of the port on one queue, each call one atomic step, every change reported to the history in the same step. It keeps the ends
/// of messages too, so that what comes back from the dead is seen.
/// </summary>
internal sealed class QueueModel(EventLoop loop, Chance chance, History history, PlantedBug bug)
{
    private QueueContents contents = new((long)chance.Next());
    private long lastFence;
    private bool hasLostWrites;

    /// <summary>Called when messages were stored, as a hint to the workers.</summary>
    public Action OnEnqueued { get; set; } = () => { };

    /// <summary>Every message it has ever stored, as it is now.</summary>
    public IEnumerable<QueuedMessage> All => contents.Messages.Values;

    public IEnumerable<QueuedMessage> Live => contents.Messages.Values.Where(message => message.IsLive);

    public bool HasLive
    {
        get
        {
            foreach (var message in contents.Messages.Values)
            {
                if (message.IsLive)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public long LastCallOf(SessionId session) =>
        contents.Calls.Where(call => call.Key.Session == session).Select(call => call.Value.Number).DefaultIfEmpty(0).Max();

    public QueueContents Snapshot() => contents.Copy();

    public void RollBack(QueueContents snapshot) => (contents, hasLostWrites) = (snapshot.Copy(), true);

    public void Flush() => (contents, hasLostWrites) = (new QueueContents((long)chance.Next()), true);

    public CallAnswer Enqueue(EnqueueRequest request)
    {
        var answer = Stamp(request.Call, []);
        var again = answer.Standing == CallStanding.Repeated && bug == PlantedBug.EnqueueTwiceWhenRepeated;
        if (answer.Standing == CallStanding.Applied || again)
        {
            foreach (var message in request.Messages)
            {
                if (bug != PlantedBug.EnqueueAnsweredButNotStored || !chance.Hit(0.05))
                {
                    contents.Messages[message.Id] = new QueuedMessage(message.Id, message.Envelope) { Place = ++contents.Line };
                    history.Add(What.Created, message: message.Id);
                }
            }

            OnEnqueued();
        }

        return answer;
    }

    /// <param name="request">The call.</param>
    /// <param name="callersClock">The wall clock of whoever calls, as an offset: only a bug looks at it.</param>
    public LeaseReply Lease(LeaseRequest request, long callersClock)
    {
        if (contents.Fenced.Contains(request.Call.Session))
        {
            return new LeaseReply(new CallAnswer(CallStanding.Fenced, contents.Epoch, false), [], 0, 0, null);
        }

        var (answer, earlier) = (Stamp(request.Call, null), contents.Calls.GetValueOrDefault((request.Call.Session, request.Call.Lane)));
        if (answer.Standing == CallStanding.Already || (answer.Standing == CallStanding.Repeated && bug != PlantedBug.LeaseTwiceWhenRepeated))
        {
            var held = answer.Standing == CallStanding.Repeated && earlier is not null ? earlier.Leased.Where(leased => IsHeld(leased.Lease)).ToList() : [];
            held.ForEach(leased => Renew(leased.Lease, request.VisibilityTimeout));
            return new LeaseReply(answer, held, 0, 0, null);
        }

        var now = loop.Now;
        var (reclaimed, dead) = Reclaim(bug == PlantedBug.ReclaimByTheWorkersClock ? now + callersClock : now, request.MaxDeliveries);
        history.Add(What.LeaseCall, session: request.Call.Session);
        var leased = LeaseReady(request, now);
        contents.Calls[(request.Call.Session, request.Call.Lane)] = new AnsweredCall(request.Call.Number, answer with { Standing = CallStanding.Repeated }, leased);
        return new LeaseReply(answer, leased, reclaimed, dead, contents.NextDue(now));
    }

    public RenewResult Renew(HeldLease lease, TimeSpan visibilityTimeout)
    {
        var holds = IsHeld(lease) || (bug == PlantedBug.RenewWithoutFence && Find(lease) is { IsLeased: true });
        if (!holds || Find(lease) is not { } message)
        {
            return RenewResult.Lost;
        }

        message.Deadline = bug == PlantedBug.RenewalIgnored ? message.Deadline : loop.Now + visibilityTimeout.Ticks;
        history.Add(What.Renewed, message: message.Id, lease: lease.Token);
        return RenewResult.Renewed;
    }

    public SettleResult Settle(LeaseSettlement request)
    {
        if (Find(request.Lease) is not { IsGone: false } message)
        {
            return SettleResult.Already;
        }

        var ignoresFence = request.Settlement is Settlement.Ack ? bug == PlantedBug.AckWithoutFence : request.Settlement is Settlement.Retry && bug == PlantedBug.RetryWithoutFence;
        var isLast = message.Token == request.Lease.Token || (ignoresFence && message.IsLive);
        var ends = request.Settlement is Settlement.Ack or Settlement.DeadLetter;
        if (!isLast)
        {
            return SettleResult.Stale;
        }

        if (message.SettledBy is { } settledBy)
        {
            return settledBy.GetType() == request.Settlement.GetType() ? SettleResult.Already : SettleResult.Stale;
        }

        if (message.IsDead)
        {
            return request.Settlement is Settlement.DeadLetter ? SettleResult.Already : SettleResult.Stale;
        }

        if (!message.IsLeased && !ends)
        {
            return SettleResult.Already;
        }

        if (!(bug == PlantedBug.SettlementAnsweredButNotDone || (bug == PlantedBug.SettlementNotDoneAfterALoss && hasLostWrites)) || !chance.Hit(0.05))
        {
            Apply(message, request);
        }

        return SettleResult.Settled;
    }

    public IReadOnlyList<SettleResult> SettleAll(IReadOnlyList<LeaseSettlement> requests) => [.. requests.Select(Settle)];

    public IReadOnlyList<RenewResult> RenewAll(IReadOnlyList<HeldLease> leases, TimeSpan visibilityTimeout) => [.. leases.Select(lease => Renew(lease, visibilityTimeout))];

    public ReturnReply Return(SessionId session, int maxDeliveries)
    {
        if (bug != PlantedBug.ReturnDoesNotFence)
        {
            contents.Fenced.Add(session);
        }

        var held = contents.Messages.Values.Where(message => message.IsLive && message.IsLeased && message.Token.Session == session).ToList();
        if (bug == PlantedBug.ReturnSkipsMessages)
        {
            held.RemoveRange(0, (held.Count + 1) / 2);
        }

        var dead = held.Count(message => Lose(message, What.Returned, maxDeliveries));
        history.Add(What.SessionReturned, session: session);
        var isRegressed = contents.Calls.Any(call => call.Key.Session == session && call.Value.Answer.StateRegressed) && bug != PlantedBug.ReturnHidesTheLoss;
        return new ReturnReply(held.Count - dead, dead, IsComplete: true, LastCallOf(session), isRegressed);
    }

    public QueueStatistics Count()
    {
        var ready = Live.Count(message => message.IsReady(loop.Now));
        var leased = Live.Count(message => message.IsLeased);
        return new QueueStatistics(ready, Live.Count() - ready - leased, leased, contents.Messages.Values.Count(message => message.IsDead), null);
    }

    private void Apply(QueuedMessage message, LeaseSettlement request)
    {
        (message.IsLeased, message.SettledBy) = (false, request.Settlement);
        message.Deliveries += bug == PlantedBug.CountAtSettlement ? 1 : 0;
        history.Add(What.Settled, message: message.Id, lease: request.Lease.Token, detail: request.Settlement);
        switch (request.Settlement)
        {
            case Settlement.Ack:
                message.IsGone = true;
                break;
            case Settlement.DeadLetter:
                message.IsDead = true;
                break;
            case Settlement.Retry retry:
                message.Losses = 0;
                message.Deliveries = bug == PlantedBug.RetryIsANewMessage ? 0 : message.Deliveries;
                (message.DueAt, message.Place) = (loop.Now + retry.Delay.Ticks, ++contents.Back);
                break;
            case Settlement.Release release:
                message.Deliveries -= bug == PlantedBug.ReleaseIsCounted ? 0 : 1;
                (message.DueAt, message.Place) = (loop.Now + release.Delay.Ticks, --contents.Front);
                break;
        }
    }

    private (int Reclaimed, int Dead) Reclaim(long now, int maxDeliveries)
    {
        if (bug == PlantedBug.NoReclaim)
        {
            return (0, 0);
        }

        var expired = contents.Messages.Values.Where(message => message.IsLive && message.IsLeased && message.Deadline <= now).ToList();
        var dead = expired.Count(message => Lose(message, What.Reclaimed, maxDeliveries));
        return (expired.Count - dead, dead);
    }

    private List<LeasedMessage> LeaseReady(LeaseRequest request, long now)
    {
        var leased = new List<LeasedMessage>();
        var suspects = bug == PlantedBug.SuspectsIgnored ? int.MaxValue : request.MaxSuspects;
        var most = bug == PlantedBug.NothingLeasedBesideASuspect && request.MaxSuspects == 0 ? 0 : request.MaxMessages;
        foreach (var message in contents.Messages.Values.Where(message => IsOffered(message, now)).OrderBy(message => message.Place).ToList())
        {
            if (leased.Count == most)
            {
                break;
            }

            if (message.Losses < 2 || suspects-- > 0)
            {
                // Rises across a rollback too, because it is at least the time.
                lastFence = bug == PlantedBug.FenceGoesBack && chance.Hit(0.02) ? lastFence - 5 : Math.Max(lastFence + 1, now / TimeSpan.TicksPerMicrosecond);
                message.Token = new LeaseToken(request.Call.Session, lastFence);
                message.Deadline = now + request.VisibilityTimeout.Ticks;
                (message.IsLeased, message.SettledBy) = (true, null);
                message.Deliveries += bug == PlantedBug.CountAtSettlement ? 0 : 1;
                var count = bug == PlantedBug.CountAtSettlement ? message.Deliveries + 1 : message.Deliveries;
                leased.Add(new LeasedMessage(new HeldLease(message.Id, message.Token), message.Envelope, count, message.Losses));
                history.Add(What.Leased, message: message.Id, lease: message.Token, number: count);
            }
        }

        return leased;
    }

    private bool IsOffered(QueuedMessage message, long now) => bug switch
    {
        PlantedBug.PromotionTooLate => message.IsReady(message.DueAt == 0 ? now : now - TimeSpan.FromSeconds(20).Ticks),
        PlantedBug.EndedMessageOfferedAgain => message.IsReady(now) || (message.IsGone && chance.Hit(0.001)),
        PlantedBug.LeaseAgainWhileLeased => message.IsReady(now) || (message is { IsLive: true, IsLeased: true } && chance.Hit(0.001)),
        _ => message.IsReady(now),
    };

    private QueuedMessage? Find(HeldLease lease) => contents.Messages.GetValueOrDefault(lease.Message);

    private bool IsHeld(HeldLease lease) => Find(lease) is { IsLive: true, IsLeased: true } message && message.Token == lease.Token;

    private CallAnswer Stamp(CallStamp call, IReadOnlyList<LeasedMessage>? leased)
    {
        var key = (call.Session, call.Lane);
        var last = contents.Calls.GetValueOrDefault(key);
        if (last is not null && call.Number == last.Number)
        {
            return last.Answer;
        }

        if (last is not null && call.Number < last.Number)
        {
            return new CallAnswer(CallStanding.Already, contents.Epoch, false);
        }

        var answer = new CallAnswer(CallStanding.Applied, contents.Epoch, StateRegressed: call.Number > (last?.Number ?? 0) + 1);
        if (leased is not null)
        {
            contents.Calls[key] = new AnsweredCall(call.Number, answer with { Standing = CallStanding.Repeated }, leased);
        }

        return answer;
    }

    private bool Lose(QueuedMessage message, What how, int maxDeliveries)
    {
        message.Losses++;
        if (message.Deliveries >= maxDeliveries && bug != PlantedBug.NoDeliveryLimit)
        {
            (message.IsLeased, message.IsDead, message.IsGone) = (false, bug != PlantedBug.DeadLetterDropped, bug == PlantedBug.DeadLetterDropped);
            history.Add(What.DeadLettered, message: message.Id, lease: message.Token);
            return true;
        }

        message.Reclaim(--contents.Front);
        history.Add(how, message: message.Id, lease: message.Token);
        var drops = bug == PlantedBug.ReclaimDropsTheMessage || (bug == PlantedBug.ReclaimDropsTheMessageAfterALoss && hasLostWrites);
        if (drops && how == What.Reclaimed && chance.Hit(0.2))
        {
            contents.Messages.Remove(message.Id);
        }

        return false;
    }
}
