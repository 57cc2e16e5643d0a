namespace ReliableQueue.Working.Lease;

/// <summary>Waiting of the worker's loops. None of it throws, and all of it keeps to the scheduler of whoever awaits it, which Task.WhenAny over a token does not.</summary>
internal static class Pacing
{
    /// <summary>The most that is added to a delivery that waits for others to share its call.</summary>
    private static readonly TimeSpan LongestGathering = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan WidestGrid = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A pause, made longer so that it ends on a whole second of the process's clock, or on a finer grid when the longest pause is below five seconds. Idle queues do what they do at the same moments:
    /// most of what an idle call costs is to wake a thread of the pool, and one that is awake makes many of them.
    /// </summary>
    public static TimeSpan OnGrid(this TimeProvider time, TimeSpan pause, TimeSpan longest)
    {
        var grid = Math.Min(WidestGrid.Ticks, longest.Ticks / 5);
        var end = time.GetElapsedTime(0) + pause;
        return pause + TimeSpan.FromTicks((grid - (end.Ticks % grid)) % grid);
    }

    /// <summary>Waits so long, or until the token fires.</summary>
    public static async Task PauseAsync(this TimeProvider time, TimeSpan pause, CancellationToken end)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = time.CreateTimer(static over => ((TaskCompletionSource?)over)?.TrySetResult(), over, pause, Timeout.InfiniteTimeSpan);
        using var ending = end.UnsafeRegister(static over => ((TaskCompletionSource?)over)?.TrySetResult(), over);
        await over.Task;
    }

    /// <summary>
    /// How many of so many deliveries make a batch worth sending: a quarter, so that the other three are being handled meanwhile. The size of the batch makes the rate: measured on Redis, a message
    /// costs the server about 7 µs in a batch of 100 and 70 µs alone.
    /// </summary>
    public static int Enough(int deliveries) => Math.Min(deliveries / 4, 250);

    /// <summary>Waits a moment for a batch to grow.</summary>
    public static Task GatherAsync(this TimeProvider time, Signal more, Func<bool> isEnough) => time.WaitAsync(more, isEnough, LongestGathering);

    /// <summary>Waits until a condition holds, looking whenever the signal is set, at most this long.</summary>
    public static async Task WaitAsync(this TimeProvider time, Signal changed, Func<bool> isMet, TimeSpan longest)
    {
        var startedAt = time.GetTimestamp();
        while (!isMet() && longest - time.GetElapsedTime(startedAt) is var left && left > TimeSpan.Zero)
        {
            await changed.WaitAsync(left);
        }
    }
}
