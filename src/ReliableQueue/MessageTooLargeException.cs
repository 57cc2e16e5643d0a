namespace ReliableQueue;

/// <summary>The body of a message is larger than <c>MessageOptions.MaxBodyBytes</c>. Nothing was sent. Store the content elsewhere and enqueue its address.</summary>
public sealed class MessageTooLargeException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="messageType">The CLR type of the message.</param>
    /// <param name="actualBytes">How large the body is.</param>
    /// <param name="limitBytes">How large it may be.</param>
    public MessageTooLargeException(Type messageType, long actualBytes, long limitBytes)
        : base($"A message of type {messageType} has a body of {actualBytes} bytes; the limit is {limitBytes} (MaxBodyBytes). Nothing was enqueued.")
    {
        MessageType = messageType;
        ActualBytes = actualBytes;
        LimitBytes = limitBytes;
    }

    /// <summary>The CLR type of the message.</summary>
    public Type MessageType { get; }

    /// <summary>How many bytes the body has.</summary>
    public long ActualBytes { get; }

    /// <summary>How many bytes it may have.</summary>
    public long LimitBytes { get; }
}
