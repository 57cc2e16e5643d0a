using ReliableQueue.Broker;

namespace ReliableQueue.Testing;

/// <content>One method per rule: what a fault that a test plants overrides.</content>
public partial class QueueRules
{
    /// <summary>Whether a call has been done, so that it does nothing now.</summary>
    /// <param name="standing">How the call stands against the last of its lane.</param>
    /// <param name="isLease">Whether it is a lease call.</param>
    protected virtual bool IsDone(CallStanding standing, bool isLease) => standing != CallStanding.Applied;

    /// <summary>Stores a message as ready, behind all others, or until it is due; then it goes before those that were never delivered.</summary>
    /// <param name="message">The message.</param>
    protected virtual void Store(NewMessage message)
    {
        var delay = message.Terms?.Delay ?? TimeSpan.Zero;
        var terms = message.Terms is { } given ? given with { Delay = TimeSpan.Zero } : null;
        var stored = new QueuedMessage(message with { Terms = terms }, delay > TimeSpan.Zero ? Contents.Back : ++Contents.Line) { DueAt = DueAfter(delay) };
        Contents.Messages[message.Id] = stored;
        Observer?.Stored(stored);
    }

    /// <summary>The messages whose lease ran out, at most <see cref="BrokerLimits.BatchSize"/>.</summary>
    /// <param name="now">The broker's clock.</param>
    protected virtual List<QueuedMessage> Expired(long now) =>
        [.. Contents.Messages.Values.Where(message => message.IsLive && message.IsLeased && message.LeaseEndsAt <= now).Take(BrokerLimits.BatchSize)];

    /// <summary>The messages a session holds.</summary>
    /// <param name="session">The session.</param>
    protected virtual List<QueuedMessage> HeldBy(SessionId session) =>
        [.. Contents.Messages.Values.Where(message => message.IsLive && message.IsLeased && message.Token.Session == session)];

    /// <summary>Lets a session lease no more.</summary>
    /// <param name="session">The session.</param>
    protected virtual void Fence(SessionId session) => Contents.Fenced.Add(session);

    /// <summary>Whether a message may be given out now.</summary>
    /// <param name="message">The message.</param>
    /// <param name="now">The broker's clock.</param>
    protected virtual bool IsOffered(QueuedMessage message, long now) => message.IsReady(now);

    /// <summary>The messages to give out, in their order: those that were delivered before come first, and at most so many suspects as the call allows.</summary>
    /// <param name="request">The call.</param>
    /// <param name="now">The broker's clock.</param>
    protected virtual List<QueuedMessage> Choose(LeaseRequest request, long now)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (chosen, suspects, bytes) = (new List<QueuedMessage>(), request.MaxSuspects, 0L);
        foreach (var message in Contents.Messages.Values.Where(message => IsOffered(message, now)).OrderBy(message => message.Place).ThenBy(message => message.DueAt))
        {
            if (chosen.Count == request.MaxMessages || bytes >= request.MaxBytes)
            {
                break;
            }

            if (message.Losses < 2 || suspects-- > 0)
            {
                chosen.Add(message);
                bytes += message.Envelope.Length;
            }
        }

        return chosen;
    }

    /// <summary>Gives out a lease and counts it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="request">The call.</param>
    /// <param name="now">The broker's clock.</param>
    protected LeasedMessage Give(QueuedMessage message, LeaseRequest request, long now)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(request);
        message.Token = new LeaseToken(request.Call.Session, NextFence(now));
        (message.IsLeased, message.SettledBy, message.LeaseEndsAt) = (true, null, now + request.VisibilityTimeout.Ticks);
        var leased = new LeasedMessage(new HeldLease(message.Id, message.Token), message.Envelope, CountLease(message), message.Losses)
        {
            Generation = message.Generation,
            Terms = message.Terms,
        };
        Observer?.Leased(leased);
        return leased;
    }

    /// <summary>Counts a delivery when its lease is given out, so that a worker that dies has used one up; answers the count.</summary>
    /// <param name="message">The message.</param>
    protected virtual int CountLease(QueuedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ++message.Deliveries;
    }

    /// <summary>The next fence: higher than any before, and at least the time, so that it rises across a restore too.</summary>
    /// <param name="now">The broker's clock.</param>
    protected virtual long NextFence(long now) => lastFence = Math.Max(lastFence + 1, now / TimeSpan.TicksPerMicrosecond);

    /// <summary>Whether a lease holds. One that ran out holds until it is reclaimed.</summary>
    /// <param name="message">The message.</param>
    /// <param name="lease">The lease.</param>
    protected virtual bool Holds(QueuedMessage message, HeldLease lease)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.IsLive && message.IsLeased && message.Token == lease.Token;
    }

    /// <summary>Lets a lease last until an instant.</summary>
    /// <param name="message">The message.</param>
    /// <param name="until">The instant.</param>
    protected virtual void Extend(QueuedMessage message, long until)
    {
        ArgumentNullException.ThrowIfNull(message);
        message.LeaseEndsAt = until;
    }

    /// <summary>Whether a settlement presents the newest token given out for the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="request">The settlement.</param>
    protected virtual bool IsNewest(QueuedMessage message, LeaseSettlement request)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Token == request.Lease.Token;
    }

    /// <summary>Ends a delivery as asked.</summary>
    /// <param name="message">The message.</param>
    /// <param name="request">The settlement.</param>
    protected virtual void Apply(QueuedMessage message, LeaseSettlement request)
    {
        ArgumentNullException.ThrowIfNull(message);
        (message.IsLeased, message.SettledBy) = (false, request.Settlement);
        switch (request.Settlement)
        {
            case Settlement.Ack:
                Forget(message);
                break;
            case Settlement.DeadLetter letter:
                DeadLetter(message, letter.Reason, letter.Error);
                break;
            case Settlement.Retry retry:
                (message.Losses, message.Error) = (0, retry.Error);
                (message.DueAt, message.Place) = (DueAfter(retry.Delay), ++Contents.Back);
                break;
            case Settlement.Release release:
                message.Deliveries--;
                (message.DueAt, message.Place) = (DueAfter(release.Delay), --Contents.Front);
                break;
        }

        Observer?.Settled(request.Lease, request.Settlement);
    }

    private long DueAfter(TimeSpan delay) => delay > TimeSpan.Zero ? Now + delay.Ticks : 0;

    /// <summary>Ends a lease whose worker was lost: counted, ready again in front of all others, or dead-lettered at the limit.</summary>
    /// <param name="message">The message.</param>
    /// <param name="loss">How the loss was noticed.</param>
    /// <param name="maxDeliveries">A message delivered this often is dead-lettered.</param>
    /// <returns>Whether it was dead-lettered.</returns>
    protected virtual bool Lose(QueuedMessage message, WorkerLossKind loss, int maxDeliveries)
    {
        ArgumentNullException.ThrowIfNull(message);
        message.Losses++;
        message.IsLeased = false;
        var isSpent = message.Deliveries >= maxDeliveries;
        if (isSpent)
        {
            DeadLetter(message, DeadLetterReason.DeliveryLimit, null);
        }
        else
        {
            (message.DueAt, message.Place, message.SettledBy) = (0, --Contents.Front, null);
        }

        Observer?.Lost(message, loss);
        return isSpent;
    }

    /// <summary>Keeps a message with its reason, never to be given out again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="reason">Why.</param>
    /// <param name="text">What a person should read.</param>
    protected virtual void DeadLetter(QueuedMessage message, DeadLetterReason reason, string? text)
    {
        ArgumentNullException.ThrowIfNull(message);
        (message.IsDead, message.Reason, message.DeadLetteredAt) = (true, reason, Now);
        message.Error = text ?? message.Error;
    }

    /// <summary>Removes a message that was acked or deleted.</summary>
    /// <param name="message">The message.</param>
    protected virtual void Forget(QueuedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        message.IsGone = true;
        Contents.Messages.Remove(message.Id);
    }

    /// <summary>Whether nothing is given out now.</summary>
    /// <param name="now">The broker's clock.</param>
    protected virtual bool IsPaused(long now) => Contents.PausedUntil is { } until && until > now;
}
