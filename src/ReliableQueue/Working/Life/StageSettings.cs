using ReliableQueue.Messages;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Settle;

namespace ReliableQueue.Working.Life;

/// <summary>Maps the public options of a queue to what each stage needs, so that no stage looks up to Hosting.</summary>
internal static class StageSettings
{
    public static LeaseSettings ForLeasing(this QueueOptions options, QueueName queue, MessageLimits limits) => new(
        queue, options.Concurrency, options.VisibilityTimeout, options.MaxDeliveries, options.PollInterval, options.HandlerTimeout, options.HandlerGrace, limits);

    public static SettleSettings ForSettling(this QueueOptions options, QueueName queue) => new(
        queue,
        options.MaxDeliveries,
        options.RetryDelay,
        options.MaxRetryDelay,
        options.UnknownTypeRetention,
        StillRunningDelay: options.VisibilityTimeout / 3,
        options.JournalCompletions);
}
