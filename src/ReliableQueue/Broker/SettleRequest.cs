namespace ReliableQueue.Broker;

/// <summary>One delivery and how it ends.</summary>
/// <param name="Lease">The lease that ends. Its token is what makes settling safe to repeat.</param>
/// <param name="Settlement">How it ends.</param>
public readonly record struct SettleRequest(HeldLease Lease, Settlement Settlement);
