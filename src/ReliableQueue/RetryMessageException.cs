namespace ReliableQueue;

/// <summary>
/// Thrown by a handler that knows when the message can be tried again, for example because the service it called said so. The delivery has failed and is counted; in place
/// of rules, policy and backoff of the queue, <see cref="After"/> is how long the message waits. <c>MaxDeliveries</c> and <c>RetryFor</c> bound it all the same.
/// </summary>
public sealed class RetryMessageException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="after">How long until the message is ready, by the broker's clock. Below zero counts as zero, more than 365 days as 365 days.</param>
    /// <param name="reason">What a person should read; null: nothing but how long.</param>
    /// <param name="innerException">What was thrown, when something was.</param>
    public RetryMessageException(TimeSpan after, string? reason = null, Exception? innerException = null)
        : base(reason ?? $"The handler asked for a retry after {after}.", innerException) => After = after;

    /// <summary>How long until the message is ready.</summary>
    public TimeSpan After { get; }
}
