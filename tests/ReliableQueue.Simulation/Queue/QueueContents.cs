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

    /// <summary>The place of the newest of those never delivered.</summary>
    public long Line { get; set; }

    /// <summary>The first place of those delivered before, who all stand before the others: what was released, or lost with its worker, goes in front of it.</summary>
    public long Front { get; set; } = long.MinValue / 2;

    /// <summary>The last place of those delivered before: what is to be retried goes behind it.</summary>
    public long Back { get; set; } = long.MinValue / 2;

    /// <summary>How long until the next scheduled message is due; null when none is scheduled, or more is ready.</summary>
    public TimeSpan? NextDue(long now)
    {
        var next = Messages.Values.Where(message => message.IsLive && !message.IsLeased).Select(message => message.DueAt).DefaultIfEmpty(0).Min();
        return next <= now ? null : TimeSpan.FromTicks(next - now);
    }

    public QueueContents Copy() => new(Epoch)
    {
        Messages = Messages.ToDictionary(each => each.Key, each => each.Value.Clone()),
        Calls = new(Calls),
        Fenced = [.. Fenced],
        Line = Line,
        Front = Front,
        Back = Back,
    };
}
