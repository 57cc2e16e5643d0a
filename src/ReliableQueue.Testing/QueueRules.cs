using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;

namespace ReliableQueue.Testing;

/// <summary>
/// The rules of the port on one queue: the executable specification that every broker is compared with. Each public method is one call and one atomic step; the caller
/// sees to it that one runs at a time (<see cref="MemoryBroker"/> holds a lock). Each rule is one protected method, so a test plants a fault by overriding it.
/// </summary>
/// <param name="time">The broker's clock: the time of day when the queue is made, and from then on its timestamps, so it is never set back.</param>
/// <param name="nextEpoch">Draws the number of a queue whose state begins anew.</param>
[Experimental("RQ001")]
public partial class QueueRules(TimeProvider time, Func<long> nextEpoch)
{
    private readonly long origin = time.GetUtcNow().UtcTicks;
    private readonly long started = time.GetTimestamp();
    private long lastFence;

    /// <summary>What the queue keeps.</summary>
    protected QueueContents Contents { get; private set; } = new(nextEpoch());

    /// <summary>Who is told of every change; null: nobody.</summary>
    public IQueueObserver? Observer { get; set; }

    /// <summary>The messages kept, in the order enqueued.</summary>
    public IReadOnlyCollection<QueuedMessage> Messages => Contents.Messages.Values;

    /// <summary>The broker's clock, in ticks.</summary>
    protected long Now => origin + time.GetElapsedTime(started).Ticks;

    /// <summary>Keeps a copy of the whole queue.</summary>
    public QueueContents Snapshot() => Contents.Copy();

    /// <summary>Puts the queue back to a copy, as a restore or a power loss does: what came after it was acknowledged and is lost.</summary>
    /// <param name="snapshot">The copy; it can be restored again.</param>
    public virtual void Restore(QueueContents snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Contents = snapshot.Copy();
    }

    /// <summary>Forgets everything and begins a new epoch, as <c>FLUSHALL</c> does.</summary>
    public virtual void Flush() => Contents = new QueueContents(nextEpoch());

    /// <summary>The highest call number remembered of a session; 0: none.</summary>
    /// <param name="session">The session.</param>
    public long LastCallOf(SessionId session)
    {
        var last = 0L;
        foreach (var ((caller, _), call) in Contents.Calls)
        {
            last = caller == session ? Math.Max(last, call.Number) : last;
        }

        return last;
    }

    /// <summary>Called in the middle of a step that makes it worth looking at the queue: a message became ready, or is due before all others. Default: nothing.</summary>
    public Action OnHint { get; set; } = () => { };

    /// <summary>Stores messages, unless the call was done before.</summary>
    /// <param name="request">The call.</param>
    public virtual EnqueueReply Enqueue(EnqueueRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var answer = Judge(request.Call);
        if (IsDone(answer.Standing, isLease: false))
        {
            return new EnqueueReply(answer, []);
        }

        foreach (var message in request.Messages)
        {
            Store(message);
        }

        Remember(request.Call, answer, []);
        OnHint();
        return new EnqueueReply(answer, []);
    }

    /// <summary>Reclaims, promotes and leases, unless the call was done before: then it gives the same leases again, as far as they hold.</summary>
    /// <param name="request">The call.</param>
    public virtual LeaseReply Lease(LeaseRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Contents.Fenced.Contains(request.Call.Session))
        {
            return new LeaseReply(new CallAnswer(CallStanding.Fenced, Contents.Epoch, false), [], 0, 0, null);
        }

        var answer = Judge(request.Call);
        if (IsDone(answer.Standing, isLease: true))
        {
            return new LeaseReply(answer, Again(request, answer.Standing), 0, 0, null);
        }

        var now = Now;
        var expired = Expired(now);
        var dead = expired.Count(message => Lose(message, WorkerLossKind.Reclaimed, request.MaxDeliveries));
        Observer?.Asked(request.Call.Session);
        var leased = IsPaused(now) ? [] : Choose(request, now).Select(message => Give(message, request, now)).ToList();
        Remember(request.Call, answer, leased);
        if (expired.Count - dead > leased.Count)
        {
            OnHint();
        }

        return new LeaseReply(answer, leased, expired.Count - dead, dead, NextDue(now));
    }

    /// <summary>Extends a lease, if it holds.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="visibilityTimeout">How long it lasts from now.</param>
    public RenewResult Renew(HeldLease lease, TimeSpan visibilityTimeout)
    {
        if (Find(lease) is not { } message || !Holds(message, lease))
        {
            return RenewResult.Lost;
        }

        Extend(message, Now + visibilityTimeout.Ticks);
        Observer?.Renewed(message);
        return RenewResult.Renewed;
    }

    /// <summary>Ends one delivery.</summary>
    /// <param name="request">Which, and how.</param>
    public SettleResult Settle(LeaseSettlement request)
    {
        var (lease, settlement) = request;
        if (Find(lease) is not { IsGone: false } message)
        {
            return SettleResult.Already;
        }

        if (!IsNewest(message, request))
        {
            return SettleResult.Stale;
        }

        if (message.SettledBy is { } before)
        {
            return before.GetType() == settlement.GetType() ? SettleResult.Already : SettleResult.Stale;
        }

        if (message.IsDead)
        {
            return settlement is Settlement.DeadLetter ? SettleResult.Already : SettleResult.Stale;
        }

        // The worker was lost and the message is ready again: what ends it still counts, what would bring it back has happened.
        if (!message.IsLeased && settlement is Settlement.Retry or Settlement.Release)
        {
            return SettleResult.Already;
        }

        Apply(message, request);
        if (message.IsReady(Now) || (message.IsScheduled(Now) && IsFirstDue(message)))
        {
            OnHint();
        }

        return SettleResult.Settled;
    }

    /// <summary>Ends a dead session: its messages are worker losses, and it may lease no more.</summary>
    /// <param name="request">The call.</param>
    public virtual ReturnReply ReturnSession(ReturnRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Fence(request.Session);
        Contents.Workers.Remove(request.Session);
        var held = HeldBy(request.Session);
        var taken = held.Count <= BrokerLimits.BatchSize ? held : held.GetRange(0, BrokerLimits.BatchSize);
        var dead = taken.Count(message => Lose(message, WorkerLossKind.Returned, request.MaxDeliveries));
        Observer?.Returned(request.Session);
        if (taken.Count > dead)
        {
            OnHint();
        }

        var isRegressed = Contents.Calls.Any(call => call.Key.Session == request.Session && call.Value.Answer.StateRegressed);
        return new ReturnReply(taken.Count - dead, dead, taken.Count == held.Count, LastCallOf(request.Session), isRegressed);
    }

    /// <summary>The message a lease is of, if the queue keeps it.</summary>
    /// <param name="lease">The lease.</param>
    protected QueuedMessage? Find(HeldLease lease) => Contents.Messages.GetValueOrDefault(lease.Message);

    /// <summary>How a call stands against the last of its lane.</summary>
    /// <param name="call">The stamp.</param>
    protected CallAnswer Judge(CallStamp call)
    {
        var last = Contents.Calls.GetValueOrDefault((call.Session, call.Lane));
        return last is null || call.Number > last.Number
            ? new CallAnswer(CallStanding.Applied, Contents.Epoch, StateRegressed: call.Number > (last?.Number ?? 0) + 1)
            : call.Number == last.Number ? last.Answer : new CallAnswer(CallStanding.Already, Contents.Epoch, false);
    }

    private void Remember(CallStamp call, CallAnswer answer, IReadOnlyList<LeasedMessage> leased) =>
        Contents.Calls[(call.Session, call.Lane)] = new AnsweredCall(call.Number, answer with { Standing = CallStanding.Repeated }, leased);

    private List<LeasedMessage> Again(LeaseRequest request, CallStanding standing)
    {
        var earlier = standing == CallStanding.Repeated ? Contents.Calls[(request.Call.Session, request.Call.Lane)].Leased : [];
        var held = earlier.Where(leased => Find(leased.Lease) is { } message && Holds(message, leased.Lease)).ToList();
        held.ForEach(leased => Renew(leased.Lease, request.VisibilityTimeout));
        return held;
    }

    private bool IsFirstDue(QueuedMessage message) =>
        Contents.Messages.Values.All(other => ReferenceEquals(other, message) || !other.IsScheduled(Now) || other.DueAt > message.DueAt);

    /// <summary>How long until something can happen by the clock alone; null: more is ready now, or nothing can.</summary>
    private TimeSpan? NextDue(long now)
    {
        var next = long.MaxValue;
        var paused = IsPaused(now);
        foreach (var message in Contents.Messages.Values)
        {
            if (message.IsReady(now) && !paused)
            {
                return null;
            }

            next = message.IsLive && message.IsLeased ? Math.Min(next, message.LeaseEndsAt) : message.IsScheduled(now) ? Math.Min(next, message.DueAt) : next;
        }

        next = paused ? Math.Min(next, Contents.PausedUntil ?? long.MaxValue) : next;
        return next == long.MaxValue ? null : TimeSpan.FromTicks(Math.Max(next - now, 0));
    }
}
