namespace ReliableQueue.Diagnostics;

/// <summary>The last counts a worker read of a queue, for the gauges: they never call the broker themselves.</summary>
internal readonly record struct QueueDepth(long Ready, long Scheduled, long Leased, long DeadLettered, TimeSpan OldestAge);
