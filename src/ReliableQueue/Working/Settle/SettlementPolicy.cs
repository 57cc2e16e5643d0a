using ReliableQueue.Broker;
using ReliableQueue.Working.Handle;

namespace ReliableQueue.Working.Settle;

/// <summary>Pure: what came of a delivery and how often it was tried decide how it ends.</summary>
internal sealed class SettlementPolicy(SettleSettings settings)
{
    private static readonly TimeSpan ShortestParking = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestParking = TimeSpan.FromMinutes(10);

    public Settlement Decide(HandlerOutcome outcome, int deliveryCount, double chance) => outcome switch
    {
        HandlerOutcome.Succeeded => Settlement.Ack.Instance,
        HandlerOutcome.Failed failed when deliveryCount >= settings.MaxDeliveries => new Settlement.DeadLetter(DeadLetterReason.DeliveryLimit, failed.Error),
        HandlerOutcome.Failed => new Settlement.Retry(RetryBackoff.DelayAfter(settings, deliveryCount, chance)),
        HandlerOutcome.Rejected rejected => new Settlement.DeadLetter(DeadLetterReason.Rejected, rejected.Error),
        HandlerOutcome.Interrupted => new Settlement.Release(TimeSpan.Zero),
        HandlerOutcome.Unreadable unreadable => new Settlement.DeadLetter(DeadLetterReason.Unreadable, unreadable.Error),
        HandlerOutcome.UnknownType unknown => Park(unknown),
        HandlerOutcome.Remembered { Fate.Rejection: { } rejection } => rejection,
        HandlerOutcome.Remembered => Settlement.Ack.Instance,
        HandlerOutcome.StillRunningHere => new Settlement.Release(settings.StillRunningDelay),
        _ => throw new InvalidOperationException($"An outcome without a settlement: {outcome.GetType().Name}."),
    };

    /// <summary>In a rolling deployment a message may meet the old workers first: it waits for the new ones, longer each time, before anybody calls it dead.</summary>
    private Settlement Park(HandlerOutcome.UnknownType unknown)
    {
        if (unknown.Age >= settings.UnknownTypeRetention)
        {
            return new Settlement.DeadLetter(DeadLetterReason.UnknownType, $"No worker of queue '{settings.Queue}' handles type '{unknown.Type}'.");
        }

        return new Settlement.Release(unknown.Age < ShortestParking ? ShortestParking : unknown.Age > LongestParking ? LongestParking : unknown.Age);
    }
}
