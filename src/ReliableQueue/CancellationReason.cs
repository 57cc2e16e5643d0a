namespace ReliableQueue;

/// <summary>Why the token of a handler fired.</summary>
public enum CancellationReason
{
    /// <summary>It has not fired.</summary>
    None,

    /// <summary>The lease is lost: another worker may have the message by now, and nothing this handler returns changes the queue.</summary>
    LeaseLost,

    /// <summary>The handler ran longer than the queue's <c>HandlerTimeout</c>. The delivery is retried, counted.</summary>
    Timeout,

    /// <summary>The host stops and the drain time is over. The message is released, uncounted, unless the handler still returns.</summary>
    Shutdown,
}
