using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using ReliableQueue.Setup;
using ReliableQueue.Working.Handle;
using ReliableQueue.Working.Settle;

namespace ReliableQueue;

/// <summary>How a worker treats one queue. Bound from <c>ReliableQueue:Queues:{queue}</c>; what code sets wins. Validated at start.</summary>
public sealed class QueueOptions
{
    internal const string ShortestHandlerTimeout = "00:00:00.010";
    internal const string LongestHandlerTimeout = "365.00:00:00";

    // Not properties: the generator of the configuration binding takes those for options that can be bound.
    private readonly List<MiddlewareStep> middleware = [];
    private IRetryPolicy? retryPolicy;

    /// <summary>Most messages handled at once. Default: 16. 1 to 10,000. No more than this many are ever leased.</summary>
    [Between(1, 10_000)]
    public int Concurrency { get; set; } = 16;

    /// <summary>
    /// How long a message stays with a worker that no longer answers. Default: 30 s. 1 s to 12 h. Renewed every third of it while the handler runs, whatever that
    /// takes, so it need not be longer than the longest handler.
    /// </summary>
    [Between("00:00:01", "12:00:00")]
    public TimeSpan VisibilityTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a message whose delivery failed is delivered again, and after which delays.</summary>
    [ValidateObjectMembers]
    public RetryOptions Retry { get; } = new();

    /// <summary>
    /// How long a message whose deliveries fail is tried. Default: null, until <see cref="RetryOptions.MaxDeliveries"/>. 1 s to 90 days, and at least
    /// <see cref="RetryOptions.Delay"/>. Whichever of the two comes first ends it: a message that fails, or is deferred, this long after it was enqueued is dead-lettered,
    /// but never for its first delivery.
    /// </summary>
    [Between("00:00:01", "90.00:00:00")]
    public TimeSpan? RetryFor { get; set; }

    /// <summary>How messages are gathered for batch handlers.</summary>
    [ValidateObjectMembers]
    public BatchOptions Batch { get; } = new();

    /// <summary>
    /// Longest time a handler may run. Default: null, no limit. 10 ms to 365 days. It is noticed within 250 ms. When it passes, the token fires and the delivery is retried; a handler that ignores
    /// the token for <see cref="HandlerGrace"/> more is no longer renewed, and its slot stays taken until it returns.
    /// </summary>
    [Between(ShortestHandlerTimeout, LongestHandlerTimeout)]
    public TimeSpan? HandlerTimeout { get; set; }

    /// <summary>
    /// Longest time a handler may run for the messages of one type, by the name of the type, in place of <see cref="HandlerTimeout"/>. Default: none. 10 ms to 365 days each; a type
    /// that no handler of the queue takes is an error at start.
    /// </summary>
    public IDictionary<string, TimeSpan> HandlerTimeouts { get; } = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);

    /// <summary>How long a handler whose token fired may take to return. Default: 2 s. 0 to 1 min. Also the last moment of a drain.</summary>
    [Between("00:00:00", "00:01:00")]
    public TimeSpan HandlerGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest pause between two looks at an idle queue. Default: 1 s. 10 ms to 1 s: a lease that ran out is seen at least this often. Hints come sooner.</summary>
    [Between("00:00:00.010", "00:00:01")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a message whose type no worker here knows, or whose body is JSON of another shape than its type has here, is parked, not counted, before it is dead-lettered: long
    /// enough for a rolling deployment, and to take a wrong one back. Default: 24 h.
    /// 1 min to 30 days, from when it was enqueued.
    /// </summary>
    [Between("00:01:00", "30.00:00:00")]
    public TimeSpan UnknownTypeRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Whether a finished message is written to the state file before it is acked, so that this worker does not run it again after a restart even if the ack was
    /// lost. Default: false, because every batch of acks then waits for the disk.
    /// </summary>
    public bool JournalCompletions { get; set; }

    /// <summary>
    /// Lets <paramref name="policy"/> decide when a failed delivery is tried again that no rule of <see cref="Retry"/> fits, in place of its exponential backoff.
    /// <see cref="RetryOptions.MaxDeliveries"/> and <see cref="RetryFor"/> still bound it. The last call counts.
    /// </summary>
    /// <param name="policy">Called for many deliveries at once; keep it free of state.</param>
    public QueueOptions UseRetryPolicy(IRetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        retryPolicy = policy;
        return this;
    }

    /// <summary>Adds a middleware around the handlers of this queue, inside those of the whole set and those added before.</summary>
    /// <typeparam name="TMiddleware">Taken from the delivery's service scope when it is registered there; otherwise made anew for every delivery, and disposed after it.</typeparam>
    public QueueOptions Use<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IDeliveryMiddleware
    {
        middleware.Add(MiddlewareStep.Of<TMiddleware>());
        return this;
    }

    /// <summary>What <see cref="UseRetryPolicy"/> set; null when it was not called.</summary>
    internal IRetryPolicy? GetRetryPolicy() => retryPolicy;

    /// <summary>What <see cref="Use{TMiddleware}"/> added, in order.</summary>
    internal IReadOnlyList<MiddlewareStep> GetMiddleware() => middleware;
}

/// <summary>Checks <see cref="QueueOptions"/>: the range of every member, then what members must be to each other.</summary>
internal sealed partial class QueueOptionsCheck : IValidateOptions<QueueOptions>
{
    private static readonly BetweenAttribute HandlerTimeoutRange = new(QueueOptions.ShortestHandlerTimeout, QueueOptions.LongestHandlerTimeout);

    private readonly Ranges ranges = new();

    public ValidateOptionsResult Validate(string? name, QueueOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();
        faults.AddResult(ranges.Validate(name, options));
        var retry = options.Retry;
        if (retry.MaxDelay < retry.Delay)
        {
            faults.AddError($"Retry.MaxDelay ({retry.MaxDelay}){OptionsOwner.Of(typeof(QueueOptions), name)} must be at least Retry.Delay ({retry.Delay}).");
        }

        if (options.Batch.Size > options.Concurrency)
        {
            faults.AddError($"Batch.Size ({options.Batch.Size}){OptionsOwner.Of(typeof(QueueOptions), name)} must be at most Concurrency ({options.Concurrency}).");
        }

        if (options.RetryFor is { TotalSeconds: >= 1 } limit && limit < retry.Delay)
        {
            faults.AddError($"RetryFor ({limit}){OptionsOwner.Of(typeof(QueueOptions), name)} must be at least Retry.Delay ({retry.Delay}).");
        }

        foreach (var (type, timeout) in options.HandlerTimeouts)
        {
            if (HandlerTimeoutRange.FaultOf($"HandlerTimeouts.{type}", timeout, OptionsOwner.Of(typeof(QueueOptions), name)) is { } fault)
            {
                faults.AddError(fault);
            }
        }

        foreach (var fault in RetryRules.FaultsOf(retry.GetRules()))
        {
            faults.AddError($"{fault.Rule}{OptionsOwner.Of(typeof(QueueOptions), name)} {fault.Text}");
        }

        return faults.Build();
    }

    /// <summary>Written by the source generator, so that it can be trimmed.</summary>
    [OptionsValidator]
    private sealed partial class Ranges : IValidateOptions<QueueOptions>;
}
