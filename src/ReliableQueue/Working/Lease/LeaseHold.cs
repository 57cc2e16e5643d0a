using ReliableQueue.Diagnostics;

namespace ReliableQueue.Working.Lease;

/// <summary>What the leases of one queue have in common.</summary>
/// <param name="Time">The worker's clock.</param>
/// <param name="Scheduler">Where callbacks on the tokens of handlers run.</param>
/// <param name="Signals">Hears what those callbacks throw.</param>
internal sealed record LeaseTerms(TimeProvider Time, TaskScheduler Scheduler, QueueSignals Signals);

/// <summary>
/// The lease of one delivery as its worker sees it. The deadline is on the worker's monotonic clock, counted from when the request was sent: whatever the reply
/// took, the broker's lease lasts longer than what is believed here.
/// </summary>
/// <remarks>
/// It is the source of the handler's token. Never disposed: it has no timer and nobody waits on its handle, and a handler may keep its token for longer than the
/// delivery lasts.
/// </remarks>
/// <param name="terms">What it shares with the other leases of the queue.</param>
/// <param name="message">The leased message.</param>
/// <param name="deadline">Until when the lease surely holds, as a timestamp of the clock.</param>
internal sealed class LeaseHold(LeaseTerms terms, MessageId message, long deadline) : CancellationTokenSource
{
    private long deadline = deadline;
    private long handlerStartedAt;
    private int reason;
    private int lost;
    private int settled;

    public CancellationReason CancellationReason => (CancellationReason)Volatile.Read(ref reason);

    /// <summary>Computed at each read, never cached: after a pause the handler may run before anything else has noticed the time.</summary>
    public bool IsValid => Volatile.Read(ref lost) == 0 && terms.Time.GetTimestamp() < Deadline;

    /// <summary>The last moment, as a timestamp of the clock, at which the lease surely holds.</summary>
    public long Deadline => Interlocked.Read(ref deadline);

    /// <summary>When the handler was called, as a timestamp of the clock; null before. Its time limit counts from here.</summary>
    public long? HandlerStartedAt => Interlocked.Read(ref handlerStartedAt) is not 0 and var startedAt ? startedAt : null;

    public bool IsSettled => Volatile.Read(ref settled) != 0;

    public void HandlerStarted() => Interlocked.Exchange(ref handlerStartedAt, terms.Time.GetTimestamp());

    /// <summary>Moves the deadline on after a renewal. A lease once lost stays lost.</summary>
    public void Extend(long later)
    {
        if (later > Deadline)
        {
            Interlocked.Exchange(ref deadline, later);
        }
    }

    /// <summary>Fires the handler's token, for the first reason given. User callbacks run on the worker's scheduler, never on the caller's thread.</summary>
    /// <returns>Whether this was the first reason.</returns>
    public bool Cancel(CancellationReason why)
    {
        if (Interlocked.CompareExchange(ref reason, (int)why, (int)CancellationReason.None) != (int)CancellationReason.None)
        {
            return false;
        }

        _ = Task.Factory.StartNew(Fire, CancellationToken.None, TaskCreationOptions.DenyChildAttach, terms.Scheduler);
        return true;
    }

    /// <summary>The lease is gone, for good.</summary>
    /// <returns>Whether this was the first to say so.</returns>
    public bool Lose()
    {
        if (Interlocked.Exchange(ref lost, 1) != 0)
        {
            return false;
        }

        Cancel(CancellationReason.LeaseLost);
        return true;
    }

    /// <summary>Takes the right to settle, once: whoever gets true settles, everybody else must not.</summary>
    public bool TrySettle() => Interlocked.Exchange(ref settled, 1) == 0;

    private void Fire()
    {
        try
        {
            Cancel();
        }
        catch (AggregateException exception)
        {
            // Callbacks of user code, all of which were called: what they throw is logged, and is no outcome of the delivery.
            terms.Signals.TokenCallbackFailed(message, exception);
        }
    }
}
