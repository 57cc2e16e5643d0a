namespace ReliableQueue;

/// <summary>
/// Decides what becomes of a delivery whose handler failed. Pure: the same failure gives the same decision, and nothing is read but what is passed in; called for many deliveries at once.
/// It is not asked for the last delivery that <c>MaxDeliveries</c> allows: that one is dead-lettered whatever the policy would say. What a policy throws is logged, and the
/// queue's own backoff decides.
/// </summary>
public interface IRetryPolicy
{
    /// <summary>Decides.</summary>
    /// <param name="failure">What failed, and how often.</param>
    RetryDecision Decide(RetryContext failure);
}

/// <summary>A failed delivery, as <see cref="IRetryPolicy"/> sees it.</summary>
/// <param name="Exception">What the handler threw; a <see cref="TimeoutException"/> when it ran past the queue's <c>HandlerTimeout</c>.</param>
/// <param name="MessageType">The name of the message's type on the wire.</param>
/// <param name="DeliveryCount">Deliveries so far, the failed one included: 1 after the first failed.</param>
/// <param name="MaxDeliveries">The most deliveries of the queue.</param>
/// <param name="Age">Since the message was enqueued, by the clocks of producer and worker; never below zero.</param>
/// <param name="Chance">Drawn evenly from zero (included) to one (excluded) for this failure: what spreads the delays of a burst without making the policy impure.</param>
public sealed record RetryContext(Exception Exception, string MessageType, int DeliveryCount, int MaxDeliveries, TimeSpan Age, double Chance);

/// <summary>What becomes of a failed delivery: <see cref="Retry"/> or <see cref="Reject"/>.</summary>
public abstract record RetryDecision
{
    private RetryDecision()
    {
    }

    /// <summary>Deliver it again after a delay, counted.</summary>
    /// <param name="Delay">How long until it is ready, by the broker's clock. Below zero counts as zero, more than 365 days as 365 days.</param>
    public sealed record Retry(TimeSpan Delay) : RetryDecision;

    /// <summary>Never deliver it again: it is dead-lettered as if its handler had rejected it, with the exception as the error.</summary>
    public sealed record Reject : RetryDecision;
}
