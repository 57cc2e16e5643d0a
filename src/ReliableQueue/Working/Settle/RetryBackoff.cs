namespace ReliableQueue.Working.Settle;

/// <summary>
/// The retry policy of a queue that has no other: exponential, drawn evenly from half of a bound to the whole, and the bound doubles with every delivery. The drawn half
/// spreads the retries of a burst; the half that is not drawn makes a promise of how long a message is tried, whatever chance does (docs/decisions/0027).
/// </summary>
/// <param name="first">The bound after the first delivery.</param>
/// <param name="longest">The most the bound grows to.</param>
internal sealed class RetryBackoff(TimeSpan first, TimeSpan longest) : IRetryPolicy
{
    private readonly Backoff backoff = Backoff.Exponential(first, longest);

    public RetryDecision Decide(RetryContext failure) => new RetryDecision.Retry(backoff.After(failure.DeliveryCount, failure.Chance));
}
