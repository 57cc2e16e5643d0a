namespace ReliableQueue.Broker;

/// <summary>Bounds that every broker keeps and every caller respects.</summary>
public static class BrokerLimits
{
    /// <summary>Most messages in one call of any kind: 500. It bounds how long one script or transaction holds up everybody else.</summary>
    public const int BatchSize = 500;
}
