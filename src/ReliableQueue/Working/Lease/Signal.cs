namespace ReliableQueue.Working.Lease;

/// <summary>Wakes one waiting loop. Set while nobody waits, it lets the next wait pass at once: a signal is never lost, and many are one.</summary>
internal sealed class Signal(TimeProvider time)
{
    private readonly Lock gate = new();
    private TaskCompletionSource? waiter;
    private bool isSet;

    public void Set()
    {
        TaskCompletionSource? woken;
        lock (gate)
        {
            woken = waiter;
            waiter = null;
            isSet = woken is null;
        }

        if (woken is not null && !woken.TrySetResult())
        {
            // The wait had just timed out: whoever waits next must see the signal.
            Set();
        }
    }

    public Task WaitAsync() => Waiter()?.Task ?? Task.CompletedTask;

    /// <summary>Waits for the signal, at most this long.</summary>
    public async Task WaitAsync(TimeSpan longest)
    {
        if (longest <= TimeSpan.Zero || Waiter() is not { } own)
        {
            return;
        }

        using var timer = time.CreateTimer(static own => ((TaskCompletionSource?)own)?.TrySetResult(), own, longest, Timeout.InfiniteTimeSpan);
        await own.Task;
        lock (gate)
        {
            waiter = waiter == own ? null : waiter;
        }
    }

    private TaskCompletionSource? Waiter()
    {
        lock (gate)
        {
            if (isSet)
            {
                isSet = false;
                return null;
            }

            // The continuation must not run inside Set: whoever sets may hold a lock or be in the middle of a batch.
            return waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
