using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>What a broker says of itself. It is known without a connection and never changes.</summary>
/// <param name="Identity">
/// Names the store, without credentials, the same for every process that uses it: the worker's state file files its records under it.
/// </param>
/// <param name="Name">The product, for texts that people read: <c>Redis</c>, <c>SQLite</c>.</param>
/// <param name="Abilities">What the broker can do besides what every broker does.</param>
[Experimental("RQ001")]
public sealed record BrokerInfo(string Identity, string Name, BrokerAbilities Abilities)
{
    /// <summary>Which abilities the broker lacks, as a sentence for people; null when it has them all. Options that need an ability are checked by it at start.</summary>
    /// <param name="needed">The abilities that are needed.</param>
    public string? LackOf(BrokerAbilities needed) =>
        (needed & ~Abilities) is var missing and not BrokerAbilities.None ? $"The broker {Name} cannot do this: {missing}." : null;
}

/// <summary>
/// What some brokers can do and others cannot. A broker declares an ability when the contract suite proves it, and answers <see cref="BrokerFault.Refused"/> to a call
/// that needs one it does not declare. The numbers are never reused.
/// </summary>
[Flags]
[Experimental("RQ001")]
public enum BrokerAbilities
{
    /// <summary>What every broker does: enqueue, also with a delay, lease, renew, settle, return.</summary>
    None = 0,

    /// <summary>Stop giving out the messages of a queue until it is resumed (<see cref="IQueueAdmin.PauseAsync"/>).</summary>
    Pause = 2,

    /// <summary>Put dead letters back to ready by id and count it (<see cref="IQueueAdmin.RedriveAsync"/>, <see cref="LeasedMessage.Generation"/>).</summary>
    Redrive = 4,

    /// <summary>Keep what a handler returned, in the step that acks (<see cref="Settlement.Ack.Result"/>).</summary>
    Results = 8,

    /// <summary>Enqueue further messages in the step that acks (<see cref="Settlement.Ack.Then"/>).</summary>
    FollowUps = 16,
}

/// <summary>Bounds that every broker keeps and every caller respects.</summary>
[Experimental("RQ001")]
public static class BrokerLimits
{
    /// <summary>Most items in one call of any kind: 500. It bounds how long one script or transaction holds up everybody else.</summary>
    public const int BatchSize = 500;

    /// <summary>Most characters of <see cref="Settlement.Retry.Error"/>: 1,024. It is stored with every message that is being retried.</summary>
    public const int RetryErrorLength = 1024;

    /// <summary>Most characters of <see cref="Settlement.DeadLetter.Error"/>: 4,096.</summary>
    public const int DeadLetterErrorLength = 4096;
}
