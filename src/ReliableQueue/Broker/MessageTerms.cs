using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>
/// The facts of a message that the broker must know; everything else stays in the envelope, which no broker opens. The producer makes them from
/// <see cref="EnqueueOptions"/>; the broker stores them and hands them out with every lease, so one record goes the whole path. A fact that a broker has to act on is one
/// property here and one flag of <see cref="BrokerAbilities"/>.
/// </summary>
[Experimental("RQ001")]
public sealed record MessageTerms
{
    /// <summary>The terms of a plain message: nothing for the broker to act on.</summary>
    public static MessageTerms None { get; } = new();

    /// <summary>How long from its enqueuing the message waits until it is due, by the broker's clock. Default: zero. Used up when it is stored: no lease hands it out.</summary>
    public TimeSpan Delay { get; init; }
}
