using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>One queue of a <see cref="MemoryBroker"/>. Called under its lock.</summary>
internal sealed class MemoryQueue(TimeProvider time, long epoch)
{
    private readonly Dictionary<MessageId, MemoryMessage> messages = [];
    private readonly Dictionary<(SessionId Session, int Lane), (long Number, LeaseReply? Reply)> calls = [];
    private readonly HashSet<SessionId> fenced = [];
    private long line;
    private long lineFront;
    private long fence;

    public List<DeadLetter> Dead { get; } = [];

    public CallAnswer Enqueue(EnqueueRequest request)
    {
        var (answer, _) = Stamp(request.Call);
        if (answer.Standing == CallStanding.Applied)
        {
            foreach (var message in request.Messages)
            {
                messages.Add(message.Id, new MemoryMessage(message.Id, message.Envelope) { Place = ++line });
            }

            calls[(request.Call.Session, request.Call.Lane)] = (request.Call.Number, null);
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
            var held = answer.Standing == CallStanding.Repeated ? earlier?.Messages.Where(leased => IsHeld(leased.Lease)).ToList() : null;
            held?.ForEach(leased => Renew(leased.Lease, request.VisibilityTimeout));
            return new LeaseReply(answer, held ?? [], 0, 0, null);
        }

        var now = time.GetTimestamp();
        var expired = messages.Values.Where(message => message.IsLeased && message.Deadline <= now).ToList();
        var dead = expired.Count(message => Lose(message, request.MaxDeliveries));
        var leased = new List<LeasedMessage>();
        var suspects = request.MaxSuspects;
        foreach (var message in messages.Values.Where(message => message.IsReady(now)).OrderBy(message => message.Place).ToList())
        {
            if (leased.Count == request.MaxMessages)
            {
                break;
            }

            if (message.Losses < 2 || suspects-- > 0)
            {
                message.Lease(new LeaseToken(request.Call.Session, ++fence), now + request.VisibilityTimeout.Ticks);
                leased.Add(new LeasedMessage(new HeldLease(message.Id, message.Token), message.Envelope, message.Deliveries, message.Losses));
            }
        }

        var due = messages.Values.Where(message => message.DueAt > now && !message.IsLeased).Select(message => message.DueAt).DefaultIfEmpty(0).Min();
        var reply = new LeaseReply(answer, leased, expired.Count - dead, dead, due == 0 ? null : TimeSpan.FromTicks(due - now));
        calls[(request.Call.Session, request.Call.Lane)] = (request.Call.Number, reply);
        return reply;
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

    public SettleResult Settle(SettleRequest request)
    {
        if (!messages.TryGetValue(request.Lease.Message, out var message))
        {
            return Dead.Exists(letter => letter.Id == request.Lease.Message) ? SettleResult.Stale : SettleResult.Already;
        }

        var isLast = message.Token == request.Lease.Token;
        var ends = request.Settlement is Settlement.Ack or Settlement.DeadLetter;
        if (!isLast || (!message.IsLeased && ends && message.IsSettled))
        {
            return SettleResult.Stale;
        }

        if (!message.IsLeased && !ends)
        {
            return SettleResult.Already;
        }

        switch (request.Settlement)
        {
            case Settlement.Ack:
                messages.Remove(message.Id);
                break;
            case Settlement.DeadLetter letter:
                Bury(message, letter.Reason, letter.Error);
                break;
            case Settlement.Retry retry:
                message.Losses = 0;
                message.Requeue(time.GetTimestamp() + retry.Delay.Ticks, ++line);
                break;
            case Settlement.Release release:
                message.Deliveries--;
                message.Requeue(time.GetTimestamp() + release.Delay.Ticks, --lineFront);
                break;
        }

        return SettleResult.Settled;
    }

    public ReturnReply Return(SessionId session, int maxDeliveries)
    {
        fenced.Add(session);
        var held = messages.Values.Where(message => message.IsLeased && message.Token.Session == session).ToList();
        var dead = held.Count(message => Lose(message, maxDeliveries));
        var last = calls.Where(call => call.Key.Session == session).Select(call => call.Value).ToList();
        return new ReturnReply(
            held.Count - dead, dead, IsComplete: true, last.Select(call => call.Number).DefaultIfEmpty(0).Max(), last.Exists(call => call.Reply?.Answer.StateRegressed == true));
    }

    public QueueStatistics Count()
    {
        var now = time.GetTimestamp();
        var ready = messages.Values.Where(message => message.IsReady(now)).OrderBy(message => message.Place).ToList();
        var leased = messages.Values.Count(message => message.IsLeased);
        return new QueueStatistics(ready.Count, messages.Count - ready.Count - leased, leased, Dead.Count, ready.Count == 0 ? null : ready[0].Id.CreatedAt);
    }

    private bool IsHeld(HeldLease lease) => messages.TryGetValue(lease.Message, out var message) && message.IsLeased && message.Token == lease.Token;

    private (CallAnswer Answer, LeaseReply? Earlier) Stamp(CallStamp call)
    {
        var (last, reply) = calls.GetValueOrDefault((call.Session, call.Lane));
        var standing = call.Number == last ? CallStanding.Repeated : call.Number < last ? CallStanding.Already : CallStanding.Applied;
        return (new CallAnswer(standing, epoch, StateRegressed: call.Number > last + 1), reply);
    }

    private bool Lose(MemoryMessage message, int maxDeliveries)
    {
        message.Losses++;
        if (message.Deliveries >= maxDeliveries)
        {
            Bury(message, DeadLetterReason.DeliveryLimit, null);
            return true;
        }

        message.Reclaim(--lineFront);
        return false;
    }

    private void Bury(MemoryMessage message, DeadLetterReason reason, string? error)
    {
        messages.Remove(message.Id);
        Dead.Add(new DeadLetter(message.Id, message.Envelope, reason, error, message.Deliveries, time.GetUtcNow()));
    }
}
