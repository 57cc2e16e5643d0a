namespace ReliableQueue.Pipeline.Leasing;

/// <summary>
/// The lease of one delivery as its worker sees it. The deadline is on the worker's monotonic clock, counted from when the request was sent: whatever the reply
/// took, the broker's lease lasts longer than what is believed here.
/// </summary>
internal sealed class LeaseHold(TimeProvider time, TaskScheduler scheduler, long deadline) : IDisposable
{
    private readonly CancellationTokenSource handler = new();
    private long deadline = deadline;
    private int reason;
    private int settled;
    private int disposed;

    /// <summary>Fires when going on is pointless.</summary>
    public CancellationToken HandlerToken => handler.Token;

    public CancellationReason CancellationReason => (CancellationReason)Volatile.Read(ref reason);

    /// <summary>Computed at each read, never cached: after a pause the handler may run before anything else has noticed the time.</summary>
    public bool IsValid => CancellationReason != CancellationReason.LeaseLost && time.GetTimestamp() < Interlocked.Read(ref deadline);

    /// <summary>The last moment, as a timestamp of the clock, at which the lease surely holds.</summary>
    public long Deadline => Interlocked.Read(ref deadline);

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

        Task.Factory.StartNew(FireToken, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
        return true;
    }

    /// <summary>Takes the right to settle, once: whoever gets true settles, everybody else must not.</summary>
    public bool TrySettle() => Interlocked.Exchange(ref settled, 1) == 0;

    public bool IsSettled => Volatile.Read(ref settled) != 0;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            handler.Dispose();
        }
    }

    private void FireToken()
    {
        if (Volatile.Read(ref disposed) == 0)
        {
            try
            {
                handler.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The delivery ended between the check and the call: there is no handler left to tell.
            }
        }
    }
}
