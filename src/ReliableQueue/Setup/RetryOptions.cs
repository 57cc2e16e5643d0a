using ReliableQueue.Setup;
using ReliableQueue.Working.Settle;

namespace ReliableQueue;

/// <summary>How a message whose delivery failed is delivered again: <see cref="QueueOptions.Retry"/>.</summary>
public sealed class RetryOptions
{
    // Not a property: the generator of the configuration binding takes those for options that can be bound.
    private readonly List<RetryRule> rules = [];

    /// <summary>
    /// Most deliveries of one message, counted when leased. Default: 15, with which a message that always fails is tried for at least 70 minutes, so an outage of an hour
    /// of what its handler calls dead-letters nothing. 1 to 1,000. After the last one fails, it is dead-lettered. A message that kills its worker kills as many.
    /// </summary>
    [Between(1, 1_000)]
    public int MaxDeliveries { get; set; } = 15;

    /// <summary>
    /// Upper bound of the delay before the second delivery; it doubles with every further one, and the delay is drawn evenly from half of the bound to the whole.
    /// Default: 5 s. 1 ms to 1 day.
    /// </summary>
    [Between("00:00:00.001", "1.00:00:00")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most that bound grows to. Default: 20 min. <see cref="Delay"/> to 7 days.</summary>
    [Between("00:00:00.001", "7.00:00:00")]
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>
    /// Adds a rule: a delivery that failed with a <typeparamref name="TException"/>, or one derived from it, is tried again after <paramref name="backoff"/>. Rules are
    /// asked in the order they were added and the first that fits decides; where none does, the queue's own policy or backoff. An <see cref="AggregateException"/> of one
    /// exception counts as that one, too.
    /// </summary>
    /// <typeparam name="TException">The exceptions it fits.</typeparam>
    /// <param name="backoff">How long is waited.</param>
    /// <param name="when">
    /// A further condition; null: none. Pure, and called for many deliveries at once. When it throws, that is logged and the queue's own backoff decides.
    /// </param>
    public RetryOptions On<TException>(Backoff backoff, Func<TException, RetryContext, bool>? when = null)
        where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(backoff);
        rules.Add(RetryRule.Of(backoff, when));
        return this;
    }

    /// <summary>Adds a rule: a delivery that failed with a <typeparamref name="TException"/>, or one derived from it, is never tried again and dead-lettered at once.</summary>
    /// <typeparam name="TException">The exceptions it fits, as in <see cref="On{TException}"/>.</typeparam>
    /// <param name="when">A further condition, as in <see cref="On{TException}"/>.</param>
    public RetryOptions Reject<TException>(Func<TException, RetryContext, bool>? when = null)
        where TException : Exception
    {
        rules.Add(RetryRule.Of(null, when));
        return this;
    }

    /// <summary>The rules, in the order they are asked.</summary>
    internal IReadOnlyList<RetryRule> GetRules() => rules;
}
