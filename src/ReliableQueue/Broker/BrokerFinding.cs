namespace ReliableQueue.Broker;

/// <summary>Something a start-up check found in the broker's settings.</summary>
/// <param name="Severity">Whether the worker may start.</param>
/// <param name="Code">A short stable name, for example <c>eviction-policy</c>.</param>
/// <param name="Message">What was found, why it matters, and the command that mends it.</param>
public sealed record BrokerFinding(FindingSeverity Severity, string Code, string Message);

/// <summary>How bad a <see cref="BrokerFinding"/> is.</summary>
public enum FindingSeverity
{
    /// <summary>Messages may be lost in some failure; the worker starts and says so.</summary>
    Warning,

    /// <summary>Messages will be lost or nothing will work; the worker refuses to start.</summary>
    Refusal,
}
