namespace ReliableQueue.Working.Settle;

/// <summary>What this stage needs of a queue's options.</summary>
internal sealed record SettleSettings
{
    public required QueueName Queue { get; init; }

    public required int MaxDeliveries { get; init; }

    public required TimeSpan RetryDelay { get; init; }

    public required TimeSpan MaxRetryDelay { get; init; }

    public required TimeSpan UnknownTypeRetention { get; init; }

    /// <summary>How long a message waits whose earlier handler still runs here.</summary>
    public required TimeSpan StillRunningDelay { get; init; }

    public required bool JournalCompletions { get; init; }

    /// <summary>How long a message that fails is tried; null: until the delivery limit.</summary>
    public TimeSpan? RetryFor { get; init; }

    /// <summary>Asked before the policy, in order.</summary>
    public IReadOnlyList<RetryRule> RetryRules { get; init; } = [];

    /// <summary>The application's own; null: the exponential backoff of the two delays.</summary>
    public IRetryPolicy? RetryPolicy { get; init; }
}
