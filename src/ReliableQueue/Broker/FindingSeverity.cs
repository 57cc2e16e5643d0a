namespace ReliableQueue.Broker;

/// <summary>How bad a <see cref="BrokerFinding"/> is.</summary>
public enum FindingSeverity
{
    /// <summary>Messages may be lost in some failure; the worker starts and says so.</summary>
    Warning,

    /// <summary>Messages will be lost or nothing will work; the worker refuses to start.</summary>
    Refusal,
}
