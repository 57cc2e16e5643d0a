namespace ReliableQueue.Broker;

/// <summary>How a delivery ends: exactly one of <see cref="Ack"/>, <see cref="Retry"/>, <see cref="Release"/>, <see cref="DeadLetter"/>.</summary>
public abstract record Settlement
{
    private Settlement()
    {
    }

    /// <summary>Handled: the message is removed.</summary>
    public sealed record Ack : Settlement
    {
        private Ack()
        {
        }

        /// <summary>The one instance.</summary>
        public static Ack Instance { get; } = new();
    }

    /// <summary>Failed: deliver again after a delay. The delivery stays counted; the run of worker losses ends.</summary>
    /// <param name="Delay">How long until it is ready, by the broker's clock. Zero: at once.</param>
    public sealed record Retry(TimeSpan Delay) : Settlement;

    /// <summary>Not its fault (shutdown, no handler here yet): deliver again, as if this delivery had not been: its count is given back.</summary>
    /// <param name="Delay">How long until it is ready, by the broker's clock. Zero: at once, before messages never delivered.</param>
    public sealed record Release(TimeSpan Delay) : Settlement;

    /// <summary>Never deliver again; keep with its reason.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Error">What a person should read, at most 4,096 characters; null when the reason says it all.</param>
    public sealed record DeadLetter(DeadLetterReason Reason, string? Error) : Settlement;
}
