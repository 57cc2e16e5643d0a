using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>How many messages of a queue are in which state, now.</summary>
/// <param name="Ready">Waiting for a worker, redelivered ones included. May count a few that a late ack has already ended.</param>
/// <param name="Scheduled">Waiting until they are due.</param>
/// <param name="Leased">With a worker.</param>
/// <param name="DeadLettered">Kept, never delivered.</param>
/// <param name="OldestReady">When the ready message at the head of its line was made, by its producer's clock; null when none is ready.</param>
public sealed record QueueStatistics(long Ready, long Scheduled, long Leased, long DeadLettered, DateTimeOffset? OldestReady)
{
    /// <summary>Whether the queue is paused: its messages are not given out.</summary>
    public bool IsPaused { get; init; }
}

/// <summary>Asks for one page of the queues of a broker.</summary>
/// <param name="After">The page begins behind this name, <see cref="QueueListReply.Next"/> of the page before; null for the first.</param>
/// <param name="Take">1 to <see cref="BrokerLimits.BatchSize"/>.</param>
[Experimental("RQ001")]
public sealed record QueueListRequest(string? After, int Take);

/// <summary>One page of queues.</summary>
/// <param name="Names">The queues, by name.</param>
/// <param name="Next">What <see cref="QueueListRequest.After"/> of the next page is; null: this was the last.</param>
[Experimental("RQ001")]
public sealed record QueueListReply(IReadOnlyList<QueueName> Names, string? Next);

/// <summary>Pauses a queue.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="For">How long, by the broker's clock; then it goes on by itself. Null: until it is resumed.</param>
[Experimental("RQ001")]
public sealed record PauseRequest(QueueName Queue, TimeSpan? For);
