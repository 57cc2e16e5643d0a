using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

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
/// <param name="For">How long this counts, by the broker's clock. A later announcement of the same session replaces it.</param>
[Experimental("RQ001")]
public sealed record WorkerAnnouncement(QueueName Queue, SessionId Session, string Worker, int Concurrency, TimeSpan For);
