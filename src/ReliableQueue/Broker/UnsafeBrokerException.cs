using ReliableQueue.Broker;

namespace ReliableQueue;

/// <summary>Thrown at start when the broker's settings would lose messages. The text holds every finding with the command that mends it.</summary>
public sealed class UnsafeBrokerException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="findings">What was found; at least one refusal.</param>
    public UnsafeBrokerException(IReadOnlyList<BrokerFinding> findings)
        : base(string.Join(Environment.NewLine, (findings ?? throw new ArgumentNullException(nameof(findings))).Select(finding => finding.Message))) => Findings = findings;

    /// <summary>What was found.</summary>
    public IReadOnlyList<BrokerFinding> Findings { get; }

    /// <summary>The text alone. It says what to do; the places in the framework that a failed start went through hide it.</summary>
    public override string ToString() => Message;
}
