namespace ReliableQueue.Pipeline.Leasing;

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

        woken?.TrySetResult();
    }

    public Task WaitAsync()
    {
        lock (gate)
        {
            if (isSet)
            {
                isSet = false;
                return Task.CompletedTask;
            }

            // The continuation must not run inside Set: whoever sets may hold a lock or be in the middle of a batch.
            waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiter.Task;
        }
    }

    /// <summary>Waits for the signal, at most this long.</summary>
    public async Task WaitAsync(TimeSpan longest)
    {
        var signalled = WaitAsync();
        if (signalled.IsCompleted || longest <= TimeSpan.Zero)
        {
            return;
        }

        using var over = new CancellationTokenSource();
        await Task.WhenAny(signalled, Task.Delay(longest, time, over.Token));
        await over.CancelAsync();
    }
}
