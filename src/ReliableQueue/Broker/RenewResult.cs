namespace ReliableQueue.Broker;

/// <summary>What became of one lease in a renewal.</summary>
public enum RenewResult
{
    /// <summary>The token no longer holds: the lease was reclaimed, settled or returned. Nothing changed.</summary>
    Lost,

    /// <summary>The lease now lasts a whole visibility timeout from the moment the broker handled the call.</summary>
    Renewed,
}
