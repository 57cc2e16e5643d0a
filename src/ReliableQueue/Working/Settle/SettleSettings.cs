namespace ReliableQueue.Working.Settle;

/// <summary>What this stage needs of a queue's options.</summary>
internal sealed record SettleSettings(
    QueueName Queue, int MaxDeliveries, TimeSpan RetryDelay, TimeSpan MaxRetryDelay, TimeSpan UnknownTypeRetention, TimeSpan StillRunningDelay, bool JournalCompletions);
