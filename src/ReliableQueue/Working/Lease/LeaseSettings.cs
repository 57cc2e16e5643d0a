using System.Collections.Frozen;
using ReliableQueue.Messages;

namespace ReliableQueue.Working.Lease;

/// <summary>What this stage needs of a queue's options.</summary>
internal sealed record LeaseSettings
{
    public required QueueName Queue { get; init; }

    public required int Concurrency { get; init; }

    public required TimeSpan VisibilityTimeout { get; init; }

    public required int MaxDeliveries { get; init; }

    public required TimeSpan PollInterval { get; init; }

    /// <summary>Longest time a handler may run; null: no limit.</summary>
    public TimeSpan? HandlerTimeout { get; init; }

    /// <summary>The same for messages of one type, by its name.</summary>
    public FrozenDictionary<string, TimeSpan> HandlerTimeouts { get; init; } = FrozenDictionary<string, TimeSpan>.Empty;

    public required TimeSpan HandlerGrace { get; init; }

    public required MessageLimits Limits { get; init; }

    /// <summary>Renewed every third of the visibility timeout: two renewals may fail in a row before the lease is in danger.</summary>
    public TimeSpan RenewInterval => VisibilityTimeout / 3;

    /// <summary>Pause before a failed renewal is asked again.</summary>
    public TimeSpan RenewRetry => TimeSpan.FromTicks(Math.Min(VisibilityTimeout.Ticks / 10, TimeSpan.TicksPerSecond));

    /// <summary>How much earlier than the broker this worker gives a lease up: covers the drift of two clocks over one visibility timeout, many times.</summary>
    public TimeSpan Margin => VisibilityTimeout / 10;

    /// <summary>Longest time a handler may run with a message of this type; null: no limit.</summary>
    public TimeSpan? HandlerTimeoutOf(string messageType) =>
        HandlerTimeouts.Count > 0 && HandlerTimeouts.TryGetValue(messageType, out var own) ? own : HandlerTimeout;
}
