using ReliableQueue.Broker;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Lease;

namespace ReliableQueue.Working.Settle;

/// <summary>Pure, as far as the application's own <see cref="IRetryPolicy"/> is: what came of a delivery and how often it was tried decide how it ends.</summary>
internal sealed class SettlementPolicy(SettleSettings settings)
{
    private static readonly TimeSpan ShortestParking = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestParking = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(365);

    private static readonly TimeSpan ShortestDeferral = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDeferring = TimeSpan.FromDays(90);

    private readonly RetryBackoff backoff = new(settings.RetryDelay, settings.MaxRetryDelay);
    private readonly IRetryPolicy policy = PolicyOf(settings);

    /// <param name="outcome">What came of the delivery.</param>
    /// <param name="delivery">Which delivery it was.</param>
    /// <param name="age">Since the message was enqueued, by two clocks.</param>
    /// <param name="chance">In [0, 1).</param>
    public Settlement Decide(HandlerOutcome outcome, Delivery delivery, TimeSpan age, double chance) => outcome switch
    {
        HandlerOutcome.Succeeded => Settlement.Ack.Plain,
        HandlerOutcome.Failed { Exception: var exception } => Decide(policy, exception, delivery, age, chance),
        HandlerOutcome.Rejected { Exception: var exception } => new Settlement.DeadLetter(DeadLetterReason.Rejected, ErrorText.Of(exception)),
        HandlerOutcome.Deferred { Exception: var exception } => Defer(exception, delivery, age, chance),
        HandlerOutcome.Interrupted => new Settlement.Release(TimeSpan.Zero),
        HandlerOutcome.Unreadable unreadable => new Settlement.DeadLetter(DeadLetterReason.Unreadable, unreadable.Error),
        HandlerOutcome.Newer => new Settlement.Release(ParkingAt(age)),
        HandlerOutcome.UnknownType => Park(DeadLetterReason.UnknownType, UnknownTypeText(delivery), age),
        HandlerOutcome.OtherShape other => Park(DeadLetterReason.Unreadable, other.Error, age),
        HandlerOutcome.Remembered remembered => remembered.Settlement,
        HandlerOutcome.StillRunningHere => new Settlement.Release(settings.StillRunningDelay),
        _ => throw new InvalidOperationException($"An outcome without a settlement: {outcome.GetType().Name}."),
    };

    /// <summary>How a failed delivery ends by the queue's own backoff, whatever the application's policy: it throws nothing.</summary>
    public Settlement DecideByBackoff(Exception exception, Delivery delivery, TimeSpan age, double chance) => Decide(backoff, exception, delivery, age, chance);

    private static IRetryPolicy PolicyOf(SettleSettings settings)
    {
        var otherwise = settings.RetryPolicy ?? new RetryBackoff(settings.RetryDelay, settings.MaxRetryDelay);
        return settings.RetryRules.Count == 0 ? otherwise : new RetryRules(settings.RetryRules, otherwise);
    }

    private Settlement Decide(IRetryPolicy policy, Exception exception, Delivery delivery, TimeSpan age, double chance)
    {
        if (delivery.Context.DeliveryCount >= settings.MaxDeliveries)
        {
            // Not left to the policy: the broker dead-letters at this limit, too, when workers are lost with the message.
            return new Settlement.DeadLetter(DeadLetterReason.DeliveryLimit, ErrorText.Of(exception));
        }

        if (age >= settings.RetryFor && delivery.Context.DeliveryCount > 1)
        {
            // Never the first delivery: a message that waited for longer than this, delayed or behind others, has failed only once.
            return new Settlement.DeadLetter(DeadLetterReason.DeliveryLimit, ErrorText.Of(exception));
        }

        if (SoleException.Of(exception) is RetryMessageException { After: var after } asked)
        {
            return new Settlement.Retry(Bounded(after), ErrorText.Of(asked, BrokerLimits.RetryErrorLength));
        }

        var waited = age > TimeSpan.Zero ? age : TimeSpan.Zero;
        return policy.Decide(new RetryContext(exception, delivery.Context.MessageType, delivery.Context.DeliveryCount, settings.MaxDeliveries, waited, chance)) switch
        {
            RetryDecision.Retry retry => new Settlement.Retry(Bounded(retry.Delay), ErrorText.Of(exception, BrokerLimits.RetryErrorLength)),
            RetryDecision.Reject => new Settlement.DeadLetter(DeadLetterReason.Rejected, ErrorText.Of(exception)),
            var decision => throw new InvalidOperationException($"{policy.GetType()} decided neither Retry nor Reject: {decision?.ToString() ?? "null"}."),
        };
    }

    /// <summary>Uncounted while there is time; then each deferral is a failure, so that the message ends.</summary>
    private Settlement Defer(DeferMessageException exception, Delivery delivery, TimeSpan age, double chance)
    {
        if (age >= (settings.RetryFor ?? LongestDeferring))
        {
            return DecideByBackoff(exception, delivery, age, chance);
        }

        return new Settlement.Release(exception.After < ShortestDeferral ? ShortestDeferral : Bounded(exception.After));
    }

    private static TimeSpan Bounded(TimeSpan delay) => delay < TimeSpan.Zero ? TimeSpan.Zero : delay > LongestDelay ? LongestDelay : delay;

    /// <summary>In a rolling deployment a message may meet the old workers first: it waits for the new ones, longer each time, before anybody calls it dead.</summary>
    private Settlement Park(DeadLetterReason reason, string error, TimeSpan age) =>
        age >= settings.UnknownTypeRetention ? new Settlement.DeadLetter(reason, error) : new Settlement.Release(ParkingAt(age));

    private string UnknownTypeText(Delivery delivery) => $"No worker of queue '{settings.Queue}' handles type '{delivery.Context.MessageType}'.";

    private static TimeSpan ParkingAt(TimeSpan age) => age < ShortestParking ? ShortestParking : age > LongestParking ? LongestParking : age;
}
