namespace ReliableQueue.Working.Lease;

/// <summary>Waiting that ends early without an exception.</summary>
internal static class PauseExtensions
{
    /// <summary>Waits so long, or until the token fires. Never throws, and keeps to the scheduler of whoever awaits it, which Task.WhenAny over a token does not.</summary>
    public static async Task PauseAsync(this TimeProvider time, TimeSpan pause, CancellationToken end)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = time.CreateTimer(static over => ((TaskCompletionSource?)over)?.TrySetResult(), over, pause, Timeout.InfiniteTimeSpan);
        using var ending = end.UnsafeRegister(static over => ((TaskCompletionSource?)over)?.TrySetResult(), over);
        await over.Task;
    }
}
