using ReliableQueue.Messages;

namespace ReliableQueue.Working.Lease;

/// <summary>What this stage needs of a queue's options, so that it need not look up to Hosting.</summary>
internal sealed record LeaseSettings(
    QueueName Queue,
    int Concurrency,
    TimeSpan VisibilityTimeout,
    int MaxDeliveries,
    TimeSpan PollInterval,
    TimeSpan? HandlerTimeout,
    TimeSpan HandlerGrace,
    MessageLimits Limits)
{
    /// <summary>Renewed every third of the visibility timeout: two renewals may fail in a row before the lease is in danger.</summary>
    public TimeSpan RenewInterval => VisibilityTimeout / 3;

    /// <summary>Pause before a failed renewal is asked again.</summary>
    public TimeSpan RenewRetry => TimeSpan.FromTicks(Math.Min(VisibilityTimeout.Ticks / 10, TimeSpan.TicksPerSecond));

    /// <summary>How much earlier than the broker this worker gives a lease up: covers the drift of two clocks over one visibility timeout, many times.</summary>
    public TimeSpan Margin => VisibilityTimeout / 10;
}
