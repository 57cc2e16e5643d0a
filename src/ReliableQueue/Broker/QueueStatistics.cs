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

    /// <summary>
    /// How many messages are kept and never given out, because what is stored of them was found to fail its checksum. They may be counted in the state they were in as well.
    /// 0 on a broker that keeps no checksums.
    /// </summary>
    public long Damaged { get; init; }
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

/// <summary>A worker that handles a queue, or holds messages of it.</summary>
/// <param name="Session">The run of the worker.</param>
/// <param name="Worker">What it announced of itself; null when it announced nothing, or too long ago.</param>
/// <param name="Concurrency">Most messages it handles at once; null as <paramref name="Worker"/>.</param>
/// <param name="Held">How many leases it holds.</param>
/// <param name="EarliestLeaseEnd">When the first of them ends unless it is renewed, by the broker's clock; null when it holds none.</param>
[Experimental("RQ001")]
public sealed record WorkerListing(SessionId Session, string? Worker, int? Concurrency, int Held, DateTimeOffset? EarliestLeaseEnd);

/// <summary>What a worker says of itself.</summary>
/// <param name="Queue">The queue it handles.</param>
/// <param name="Session">The run it leases with.</param>
/// <param name="Worker">Its name, host and process, for people; at most 256 characters, no secrets.</param>
/// <param name="Concurrency">Most messages it handles at once.</param>
/// <param name="For">
/// How long this counts, by the broker's clock; zero withdraws what the session announced. A later announcement of the same session replaces it, and the return of the session ends it.
/// </param>
[Experimental("RQ001")]
public sealed record WorkerAnnouncement(QueueName Queue, SessionId Session, string Worker, int Concurrency, TimeSpan For);
