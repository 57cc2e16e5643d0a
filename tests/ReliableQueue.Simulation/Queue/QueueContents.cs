using ReliableQueue.Broker;

namespace ReliableQueue.Simulation.Queue;

/// <summary>All the modelled broker keeps of its queue: what a power loss rolls back.</summary>
internal sealed class QueueContents(long epoch)
{
    public long Epoch { get; } = epoch;

    /// <summary>In the order enqueued.</summary>
    public Dictionary<MessageId, QueuedMessage> Messages { get; private init; } = [];

    public Dictionary<(SessionId Session, int Lane), AnsweredCall> Calls { get; private init; } = [];

    public HashSet<SessionId> Fenced { get; private init; } = [];

    public long Line { get; set; }

    public long Front { get; set; }

    public QueueContents Copy() => new(Epoch)
    {
        Messages = Messages.ToDictionary(each => each.Key, each => each.Value.Clone()),
        Calls = new(Calls),
        Fenced = [.. Fenced],
        Line = Line,
        Front = Front,
    };
}
