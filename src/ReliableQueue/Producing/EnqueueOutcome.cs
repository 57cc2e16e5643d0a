using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>How waiting ended and the broker's last fault, which goes into the exception.</summary>
internal readonly record struct EnqueueOutcome(EnqueueVerdict Verdict, BrokerException? Fault = null)
{
    /// <summary>What the broker answered to each message of the group, by position; null: all were stored.</summary>
    public IReadOnlyList<EnqueueResult>? Results { get; init; }

    /// <summary>The id a caller is given: of its message, or of the one that was there already.</summary>
    public MessageId IdOf(int position, MessageId id) => Results?[position] is EnqueueResult.Duplicate duplicate ? duplicate.Existing : id;
}
