using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;

namespace ReliableQueue.Testing;

/// <summary>All that a broker keeps of one queue: what a power loss rolls back, and what a flush loses.</summary>
[Experimental("RQ001")]
public sealed class QueueContents
{
    internal QueueContents(long epoch) => Epoch = epoch;

    /// <summary>Drawn when the queue's state was first created.</summary>
    public long Epoch { get; }

    /// <summary>The messages, in the order enqueued.</summary>
    public Dictionary<MessageId, QueuedMessage> Messages { get; private init; } = [];

    /// <summary>The last call of each lane.</summary>
    public Dictionary<(SessionId Session, int Lane), AnsweredCall> Calls { get; private init; } = [];

    /// <summary>The sessions that were returned.</summary>
    public HashSet<SessionId> Fenced { get; private init; } = [];

    /// <summary>The place of the newest message that was never delivered.</summary>
    public long Line { get; set; }

    /// <summary>The first place of those delivered before, which all stand before the others: what was released, or lost with its worker, goes in front of it.</summary>
    public long Front { get; set; } = long.MinValue / 2;

    /// <summary>The last place of those delivered before: what is to be retried goes behind it.</summary>
    public long Back { get; set; } = long.MinValue / 2;

    /// <summary>Until when nothing is given out; null: not paused.</summary>
    public long? PausedUntil { get; set; }

    internal Dictionary<SessionId, (WorkerAnnouncement Said, long Until)> Workers { get; private init; } = [];

    internal QueueContents Copy() => new(Epoch)
    {
        Messages = Messages.ToDictionary(each => each.Key, each => each.Value.Copy()),
        Calls = new(Calls),
        Fenced = [.. Fenced],
        Workers = new(Workers),
        Line = Line,
        Front = Front,
        Back = Back,
        PausedUntil = PausedUntil,
    };
}

/// <summary>The last call of a lane, with what it was answered.</summary>
/// <param name="Number">The call's number on its lane.</param>
/// <param name="Answer">Its answer, as a repetition hears it.</param>
/// <param name="Leased">What it leased.</param>
[Experimental("RQ001")]
public sealed record AnsweredCall(long Number, CallAnswer Answer, IReadOnlyList<LeasedMessage> Leased);
