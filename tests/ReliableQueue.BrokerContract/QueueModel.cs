using ReliableQueue.Broker;
using Xunit;

namespace ReliableQueue.BrokerContract;

/// <summary>What a queue must do, as a dictionary: the port's rules with nothing of a store. Where the port leaves an order open, the model takes the broker's.</summary>
internal sealed class QueueModel
{
    private readonly Dictionary<MessageId, ModelMessage> messages = [];
    private long now;
    private long lastFence;
    private int order;
    private int ghosts;

    public void Advance(long seconds) => now += seconds;

    public void Enqueue(IEnumerable<NewMessage> enqueued)
    {
        foreach (var message in enqueued)
        {
            messages.Add(message.Id, new ModelMessage(order++, Convert.ToHexString(message.Envelope.Span)));
        }
    }

    public void Lease(LeaseRequest request, LeaseReply reply)
    {
        var lost = messages.Values.Where(message => message.State == ModelState.Leased && message.Until <= now).ToList();
        Assert.Equal((reply.Reclaimed, reply.DeadLettered), Lose(lost, request.MaxDeliveries));
        foreach (var due in messages.Values.Where(message => message.State == ModelState.Scheduled && message.Until <= now))
        {
            due.State = ModelState.Ready;
        }

        var ready = messages.Values.Where(message => message.State == ModelState.Ready).ToList();
        var suspects = Math.Min(ready.Count(message => message.IsSuspect), request.MaxSuspects);
        Assert.Equal(Math.Min(request.MaxMessages, ready.Count(message => !message.IsSuspect) + suspects), reply.Messages.Count);
        AssertOrder(ready, [.. reply.Messages.Select(leased => messages[leased.Lease.Message])], request.MaxSuspects);
        foreach (var leased in reply.Messages)
        {
            Take(request, leased);
        }
    }

    public void RepeatLease(LeaseRequest request, LeaseReply first, LeaseReply again)
    {
        var holding = first.Messages.Where(leased => Holds(leased.Lease) is not null).Select(leased => leased.Lease);
        Assert.Equal(holding.OrderBy(lease => lease.Token.Fence), again.Messages.Select(leased => leased.Lease).OrderBy(lease => lease.Token.Fence));
        Assert.All(again.Messages, AssertFacts);
        foreach (var leased in again.Messages)
        {
            messages[leased.Lease.Message].Until = now + (long)request.VisibilityTimeout.TotalSeconds;
        }
    }

    public RenewResult Renew(HeldLease lease, TimeSpan visibility)
    {
        if (Holds(lease) is not { } message)
        {
            return RenewResult.Lost;
        }

        message.Until = now + (long)visibility.TotalSeconds;
        return RenewResult.Renewed;
    }

    public SettleResult Settle(HeldLease lease, Settlement settlement)
    {
        if (!messages.TryGetValue(lease.Message, out var message))
        {
            return SettleResult.Already;
        }

        if (message.Token != lease.Token)
        {
            return SettleResult.Stale;
        }

        var settledAs = message.State == ModelState.Dead ? typeof(Settlement.DeadLetter) : message.SettledAs;
        if (settledAs is not null)
        {
            return settledAs == settlement.GetType() ? SettleResult.Already : SettleResult.Stale;
        }

        if (message.State != ModelState.Leased && settlement is Settlement.Retry or Settlement.Release)
        {
            return SettleResult.Already;
        }

        // A broker may find an ended message out only when it comes to the head of the line, and count it until then.
        ghosts += message.State == ModelState.Ready ? 1 : 0;
        End(lease.Message, message, settlement);
        return SettleResult.Settled;
    }

    public (int Returned, int Dead) Return(SessionId session, int maxDeliveries) =>
        Lose([.. messages.Values.Where(message => message.State == ModelState.Leased && message.Token?.Session == session)], maxDeliveries);

    public void AssertStatistics(QueueStatistics actual, bool countsDueAsReady)
    {
        var due = countsDueAsReady ? messages.Values.Count(message => message.State == ModelState.Scheduled && message.Until <= now) : 0;
        var ready = Count(ModelState.Ready) + due;
        Assert.Equal((Count(ModelState.Scheduled) - due, Count(ModelState.Leased), Count(ModelState.Dead)), (actual.Scheduled, actual.Leased, actual.DeadLettered));
        Assert.InRange(actual.Ready, ready, ready + ghosts);
    }

    private long Count(ModelState state) => messages.Values.Count(message => message.State == state);

    private ModelMessage? Holds(HeldLease lease) =>
        messages.GetValueOrDefault(lease.Message) is { State: ModelState.Leased } message && message.Token == lease.Token ? message : null;

    private static (int Returned, int Dead) Lose(List<ModelMessage> lost, int maxDeliveries)
    {
        foreach (var message in lost)
        {
            message.Losses++;
            message.IsRedelivered = true;
            message.State = message.Deliveries >= maxDeliveries ? ModelState.Dead : ModelState.Ready;
        }

        var dead = lost.Count(message => message.State == ModelState.Dead);
        return (lost.Count - dead, dead);
    }

    private static void AssertOrder(List<ModelMessage> ready, List<ModelMessage> taken, int maxSuspects)
    {
        Assert.All(taken, message => Assert.Contains(message, ready));
        Assert.InRange(taken.Count(message => message.IsSuspect), 0, maxSuspects);
        var fresh = taken.Where(message => !message.IsRedelivered).ToList();
        Assert.Equal(ready.Where(message => !message.IsRedelivered).OrderBy(message => message.Order).Take(fresh.Count), fresh);
        Assert.Equal(taken.OrderBy(message => !message.IsRedelivered), taken);
        if (fresh.Count > 0)
        {
            Assert.All(ready.Except(taken), message => Assert.True(message.IsSuspect || !message.IsRedelivered, "A redelivered message was passed over."));
        }
    }

    private void Take(LeaseRequest request, LeasedMessage leased)
    {
        var message = messages[leased.Lease.Message];
        Assert.Equal(request.Call.Session, leased.Lease.Token.Session);
        Assert.True(leased.Lease.Token.Fence > lastFence, "The fence did not rise.");
        lastFence = leased.Lease.Token.Fence;
        message.State = ModelState.Leased;
        message.Deliveries++;
        message.Token = leased.Lease.Token;
        message.SettledAs = null;
        message.Until = now + (long)request.VisibilityTimeout.TotalSeconds;
        AssertFacts(leased);
    }

    private void AssertFacts(LeasedMessage leased)
    {
        var message = messages[leased.Lease.Message];
        Assert.Equal(
            (message.Envelope, message.Deliveries, message.Losses),
            (Convert.ToHexString(leased.Envelope.Span), leased.DeliveryCount, leased.WorkerLosses));
    }

    private void End(MessageId id, ModelMessage message, Settlement settlement)
    {
        message.SettledAs = settlement.GetType();
        switch (settlement)
        {
            case Settlement.Ack:
                messages.Remove(id);
                break;
            case Settlement.DeadLetter:
                message.State = ModelState.Dead;
                break;
            case Settlement.Retry retry:
                message.Losses = 0;
                DeliverAgain(message, retry.Delay);
                break;
            case Settlement.Release release:
                message.Deliveries--;
                DeliverAgain(message, release.Delay);
                break;
        }
    }

    private void DeliverAgain(ModelMessage message, TimeSpan delay)
    {
        message.IsRedelivered = true;
        message.State = delay > TimeSpan.Zero ? ModelState.Scheduled : ModelState.Ready;
        message.Until = now + (long)delay.TotalSeconds;
    }
}
