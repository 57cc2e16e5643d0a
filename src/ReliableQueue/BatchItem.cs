namespace ReliableQueue;

/// <summary>One message of a batch, and what its handler says of it. What is said last counts; of a message of which nothing is said the end of the batch decides.</summary>
/// <typeparam name="TMessage">The message type.</typeparam>
/// <param name="message">The message.</param>
/// <param name="context">Which delivery it is.</param>
public sealed class BatchItem<TMessage>(TMessage message, MessageContext context)
{
    private bool isClosed;

    /// <summary>The message.</summary>
    public TMessage Message { get; } = message;

    /// <summary>Which delivery of which message this is.</summary>
    public MessageContext Context { get; } = context;

    /// <summary>What was said of the message, as the exception that a handler of single messages throws for it; null: nothing yet.</summary>
    public Exception? Error { get; private set; }

    /// <summary>The message can never succeed: it is dead-lettered at once.</summary>
    /// <param name="reason">Kept with the dead letter for a person to read; cut at 4,096 characters.</param>
    public void Reject(string reason) => Say(new RejectMessageException(reason));

    /// <summary>The message has failed: it is retried as the queue's rules say for this exception; a <see cref="RetryMessageException"/> says when.</summary>
    /// <param name="error">What went wrong.</param>
    public void Retry(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        Say(error);
    }

    /// <summary>The message cannot be handled yet and has not failed: it is released and comes again, uncounted, as with <see cref="DeferMessageException"/>.</summary>
    /// <param name="after">How long until it is ready.</param>
    public void Defer(TimeSpan after) => Say(new DeferMessageException(after));

    /// <summary>The batch is over: it is decided what becomes of the message.</summary>
    internal void Close() => isClosed = true;

    private void Say(Exception error) => Error = !isClosed
        ? error
        : throw new InvalidOperationException($"The batch of message {Context.Id} is over: what becomes of it is decided.");
}
