namespace ReliableQueue.Working.Settle;

/// <summary>
/// The retry policy of a queue that has no other: exponential with full jitter, drawn evenly from zero to a bound that doubles with every delivery. Full jitter, because it spreads the
/// retries of a burst best for the least total work (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
/// </summary>
/// <param name="first">The bound after the first delivery.</param>
/// <param name="longest">The most the bound grows to.</param>
internal sealed class RetryBackoff(TimeSpan first, TimeSpan longest) : IRetryPolicy
{
    public RetryDecision Decide(RetryContext failure)
    {
        var bound = first.Ticks * Math.Pow(2, failure.DeliveryCount - 1);
        return new RetryDecision.Retry(TimeSpan.FromTicks((long)(failure.Chance * Math.Min(bound, longest.Ticks))));
    }
}
