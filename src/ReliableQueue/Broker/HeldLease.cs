namespace ReliableQueue.Broker;

/// <summary>Names one lease to the broker: which message, by which token.</summary>
/// <param name="Message">The leased message.</param>
/// <param name="Token">The token the lease came with.</param>
public readonly record struct HeldLease(MessageId Message, LeaseToken Token);
