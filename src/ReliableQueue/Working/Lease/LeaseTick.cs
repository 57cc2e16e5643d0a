namespace ReliableQueue.Working.Lease;

/// <summary>What has come due in a <see cref="LeaseTable"/> at one moment; each is reported once.</summary>
/// <param name="Renew">Leases to renew now.</param>
/// <param name="Expired">Leases that may have been given away: their handlers must be told before anything else is done.</param>
/// <param name="TimedOut">Handlers past their time limit.</param>
/// <param name="Overrun">Handlers that ignored their token for the whole grace: no longer renewed, slot still taken.</param>
/// <param name="Next">When to look again.</param>
internal readonly record struct LeaseTick(
    IReadOnlyList<Delivery> Renew, IReadOnlyList<Delivery> Expired, IReadOnlyList<Delivery> TimedOut, IReadOnlyList<Delivery> Overrun, TimeSpan Next);
