using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>One queue of a <see cref="MemoryBroker"/>. Called under its lock.</summary>
internal sealed class MemoryQueue(TimeProvider time, long epoch)
{
    private readonly Dictionary<MessageId, MemoryMessage> messages = [];
    private readonly Dictionary<(SessionId Session, int Lane), (long Number, CallAnswer Answer, IReadOnlyList<LeasedMessage> Leased)> calls = [];
    private readonly HashSet<SessionId> fenced = [];
    private long line;

    // Redelivered messages stand before those never delivered: what was settled behind the others of them, what was released or lost in front.
    private long front = long.MinValue / 2;
    private long back = long.MinValue / 2;
    private long fence;

    public List<StoredMessage> Dead { get; } = [];

    public CallAnswer Enqueue(EnqueueRequest request)
    {
        var (answer, _) = Stamp(request.Call);
        if (answer.Standing == CallStanding.Applied)
        {
            foreach (var message in request.Messages)
            {
                messages.Add(message.Id, new MemoryMessage(message.Id, message.Envelope) { Place = ++line });
            }

            Remember(request.Call, answer, []);
        }

        return answer;
    }

    public LeaseReply Lease(LeaseRequest request)
    {
        var (answer, earlier) = Stamp(request.Call);
        if (fenced.Contains(request.Call.Session))
        {
            return new LeaseReply(answer with { Standing = CallStanding.Fenced }, [], 0, 0, null);
        }

        if (answer.Standing != CallStanding.Applied)
        {
            var held = earlier.Where(leased => IsHeld(leased.Lease)).ToList();
            held.ForEach(leased => Renew(leased.Lease, request.VisibilityTimeout));
            return new LeaseReply(answer, held, 0, 0, null);
        }

        var now = time.GetTimestamp();
        var expired = messages.Values.Where(message => message.IsLeased && message.Deadline <= now).Take(BrokerLimits.BatchSize).ToList();
        var dead = expired.Count(message => Lose(message, request.MaxDeliveries));
        var leased = LeaseReady(request, now);
        Remember(request.Call, answer, leased);
        return new LeaseReply(answer, leased, expired.Count - dead, dead, NextDue(now));
    }

    public RenewResult Renew(HeldLease lease, TimeSpan visibilityTimeout)
    {
        if (!IsHeld(lease))
        {
            return RenewResult.Lost;
        }

        messages[lease.Message].Deadline = time.GetTimestamp() + visibilityTimeout.Ticks;
        return RenewResult.Renewed;
    }

    public SettleResult Settle(LeaseSettlement request)
    {
        if (!messages.TryGetValue(request.Lease.Message, out var message))
        {
            return SettleResult.Already;
        }

        if (message.Token != request.Lease.Token)
        {
            return SettleResult.Stale;
        }

        if (message.SettledAs is { } before)
        {
            return before == request.Settlement.GetType() ? SettleResult.Already : SettleResult.Stale;
        }

        if (!message.IsLeased && request.Settlement is Settlement.Retry or Settlement.Release)
        {
            return SettleResult.Already;
        }

        Apply(message, request.Settlement);
        return SettleResult.Settled;
    }

    public ReturnReply Return(SessionId session, int maxDeliveries)
    {
        fenced.Add(session);
        var held = messages.Values.Where(message => message.IsLeased && message.Token.Session == session).ToList();
        var taken = held.Take(BrokerLimits.BatchSize).ToList();
        var dead = taken.Count(message => Lose(message, maxDeliveries));
        var last = calls.Where(call => call.Key.Session == session).Select(call => call.Value).ToList();
        return new ReturnReply(
            taken.Count - dead, dead, taken.Count == held.Count, last.Select(call => call.Number).DefaultIfEmpty(0).Max(), last.Exists(call => call.Answer.StateRegressed));
    }

    public QueueStatistics Count()
    {
        var now = time.GetTimestamp();
        var ready = messages.Values.Where(message => message.IsReady(now)).OrderBy(message => message.Place).ToList();
        var scheduled = messages.Values.Count(message => message.IsScheduled(now));
        var leased = messages.Values.Count(message => message.IsLeased);
        return new QueueStatistics(ready.Count, scheduled, leased, Dead.Count, ready.Count == 0 ? null : ready[0].Id.CreatedAt);
    }

    private List<LeasedMessage> LeaseReady(LeaseRequest request, long now)
    {
        var (leased, suspects, bytes) = (new List<LeasedMessage>(), request.MaxSuspects, 0L);
        foreach (var message in messages.Values.Where(message => message.IsReady(now)).OrderBy(message => message.Place).ToList())
        {
            if (leased.Count == request.MaxMessages || bytes >= request.MaxBytes)
            {
                break;
            }

            if (message.Losses < 2 || suspects-- > 0)
            {
                message.Lease(new LeaseToken(request.Call.Session, ++fence), now + request.VisibilityTimeout.Ticks);
                leased.Add(new LeasedMessage(new HeldLease(message.Id, message.Token), message.Envelope, message.Deliveries, message.Losses));
                bytes += message.Envelope.Length;
            }
        }

        return leased;
    }

    private TimeSpan? NextDue(long now)
    {
        var scheduled = messages.Values.Where(message => message.IsScheduled(now)).ToList();
        var isMoreReady = messages.Values.Any(message => message.IsReady(now));
        return isMoreReady || scheduled.Count == 0 ? null : TimeSpan.FromTicks(scheduled.Min(message => message.DueAt) - now);
    }

    private void Apply(MemoryMessage message, Settlement settlement)
    {
        var now = time.GetTimestamp();
        switch (settlement)
        {
            case Settlement.Ack:
                messages.Remove(message.Id);
                break;
            case Settlement.DeadLetter letter:
                Bury(message, letter.Reason, letter.Error);
                break;
            case Settlement.Retry retry:
                message.Losses = 0;
                message.Requeue(retry, now + retry.Delay.Ticks, ++back);
                break;
            case Settlement.Release release:
                message.Deliveries--;
                message.Requeue(release, now + release.Delay.Ticks, --front);
                break;
        }
    }

    private bool IsHeld(HeldLease lease) => messages.TryGetValue(lease.Message, out var message) && message.IsLeased && message.Token == lease.Token;

    /// <summary>How a call stands against the last of its lane, with what that one leased when it is the same.</summary>
    private (CallAnswer Answer, IReadOnlyList<LeasedMessage> Earlier) Stamp(CallStamp call)
    {
        var (number, answer, leased) = calls.GetValueOrDefault((call.Session, call.Lane));
        return call.Number == number ? (answer with { Standing = CallStanding.Repeated }, leased)
            : call.Number < number ? (new CallAnswer(CallStanding.Already, epoch, false), [])
            : (new CallAnswer(CallStanding.Applied, epoch, StateRegressed: call.Number > number + 1), []);
    }

    private void Remember(CallStamp call, CallAnswer answer, IReadOnlyList<LeasedMessage> leased) => calls[(call.Session, call.Lane)] = (call.Number, answer, leased);

    private bool Lose(MemoryMessage message, int maxDeliveries)
    {
        message.Losses++;
        if (message.Deliveries >= maxDeliveries)
        {
            Bury(message, DeadLetterReason.DeliveryLimit, null);
            return true;
        }

        message.Reclaim(--front);
        return false;
    }

    private void Bury(MemoryMessage message, DeadLetterReason reason, string? error)
    {
        message.Bury();
        Dead.Add(new StoredMessage(message.Id, message.Envelope, MessageState.DeadLettered, message.Deliveries)
        {
            WorkerLosses = message.Losses,
            DeadLetterReason = reason,
            Error = error,
            DeadLetteredAt = time.GetUtcNow(),
        });
    }
}
