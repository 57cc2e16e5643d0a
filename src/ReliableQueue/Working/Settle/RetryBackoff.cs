namespace ReliableQueue.Working.Settle;

/// <summary>
/// The delay before a retry: exponential with full jitter, drawn evenly from zero to a bound that doubles with every delivery. Full jitter, because it spreads the
/// retries of a burst best for the least total work (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
/// </summary>
internal static class RetryBackoff
{
    /// <param name="settings">First and longest bound.</param>
    /// <param name="deliveryCount">Deliveries so far; 1 after the first failed.</param>
    /// <param name="chance">In [0, 1).</param>
    public static TimeSpan DelayAfter(SettleSettings settings, int deliveryCount, double chance)
    {
        var bound = settings.RetryDelay.Ticks * Math.Pow(2, deliveryCount - 1);
        return TimeSpan.FromTicks((long)(chance * Math.Min(bound, settings.MaxRetryDelay.Ticks)));
    }
}
