namespace ReliableQueue;

/// <summary>
/// Thrown by a handler whose message cannot be handled yet and has not failed: it is released and comes again after <see cref="After"/>, uncounted. A message that is still
/// deferred when <c>RetryFor</c> has passed (90 days, where the queue sets none) since it was enqueued has failed each time it is deferred, and so is dead-lettered in the end.
/// </summary>
public sealed class DeferMessageException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="after">How long until the message is ready, by the broker's clock. Less than a second counts as a second, more than 365 days as 365 days.</param>
    /// <param name="reason">What a person should read when the message is dead-lettered in the end; null: nothing but how long.</param>
    /// <param name="innerException">What was thrown, when something was.</param>
    public DeferMessageException(TimeSpan after, string? reason = null, Exception? innerException = null)
        : base(reason ?? $"The handler deferred the message for {after}.", innerException) => After = after;

    /// <summary>How long until the message is ready.</summary>
    public TimeSpan After { get; }
}
