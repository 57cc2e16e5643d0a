namespace ReliableQueue.Broker;

/// <summary>
/// One stamped call that leases up to <paramref name="MaxMessages"/> messages. Before it leases, it reclaims leases that ran out and promotes scheduled
/// messages that are due (at most <see cref="BrokerLimits.BatchSize"/> of each).
/// </summary>
/// <param name="Call">
/// What makes it safe to repeat: the same number returns the same leases, as far as their tokens still hold, lasting a whole visibility timeout from now, and
/// reclaims and promotes nothing.
/// </param>
/// <param name="MaxMessages">At most this many, 0 to <see cref="BrokerLimits.BatchSize"/>. 0 only reclaims and promotes.</param>
/// <param name="MaxSuspects">How many of them may be suspects (<see cref="LeasedMessage.WorkerLosses"/> of 2 or more): 0 or 1.</param>
/// <param name="MaxBytes">Stop once the envelopes leased add up to this many bytes; the message that reaches it is still given.</param>
/// <param name="VisibilityTimeout">How long the leases last, by the broker's clock.</param>
/// <param name="MaxDeliveries">A message reclaimed after this many deliveries is dead-lettered (<see cref="DeadLetterReason.DeliveryLimit"/>) instead.</param>
public sealed record LeaseRequest(
    CallStamp Call, int MaxMessages, int MaxSuspects, int MaxBytes, TimeSpan VisibilityTimeout, int MaxDeliveries);
