using System.Collections.Frozen;
using ReliableQueue.Messages;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Lease;
using ReliableQueue.Working.Life;
using ReliableQueue.Working.Settle;

namespace ReliableQueue.Setup;

/// <summary>Maps public options to what each stage needs, so that no stage sees the options.</summary>
internal static class Blueprints
{
    public static MessageLimits ToLimits(this MessageOptions options) => new(options.MaxBodyBytes, options.MaxHeaders, options.MaxHeaderBytes);

    public static QueueBlueprint ToBlueprint(this QueueOptions options, QueueName queue, MessageLimits limits, IReadOnlyList<HandlerRegistration> handlers) => new(
        new LeaseSettings
        {
            Queue = queue,
            Concurrency = options.Concurrency,
            VisibilityTimeout = options.VisibilityTimeout,
            MaxDeliveries = options.Retry.MaxDeliveries,
            PollInterval = options.PollInterval,
            HandlerTimeout = options.HandlerTimeout,
            HandlerTimeouts = options.HandlerTimeouts.ToFrozenDictionary(StringComparer.Ordinal),
            HandlerGrace = options.HandlerGrace,
            Limits = limits,
        },
        new SettleSettings
        {
            Queue = queue,
            MaxDeliveries = options.Retry.MaxDeliveries,
            RetryDelay = options.Retry.Delay,
            MaxRetryDelay = options.Retry.MaxDelay,
            UnknownTypeRetention = options.UnknownTypeRetention,
            StillRunningDelay = options.VisibilityTimeout / 3,
            JournalCompletions = options.JournalCompletions,
            RetryFor = options.RetryFor,
            RetryRules = options.Retry.GetRules(),
            RetryPolicy = options.GetRetryPolicy(),
        },
        handlers)
    {
        Middleware = options.GetMiddleware(),
    };
}
