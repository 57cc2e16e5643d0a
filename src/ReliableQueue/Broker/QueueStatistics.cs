namespace ReliableQueue.Broker;

/// <summary>How many messages of a queue are in which state, now.</summary>
/// <param name="Ready">Waiting for a worker, redelivered ones included. May count a few that a late ack has already ended.</param>
/// <param name="Scheduled">Waiting until they are due.</param>
/// <param name="Leased">With a worker.</param>
/// <param name="DeadLettered">Kept, never delivered.</param>
/// <param name="OldestReady">When the ready message at the head of its line was made, by its producer's clock; null when none is ready.</param>
public sealed record QueueStatistics(long Ready, long Scheduled, long Leased, long DeadLettered, DateTimeOffset? OldestReady);
