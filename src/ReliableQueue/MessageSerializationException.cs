namespace ReliableQueue;

/// <summary>A message could not be written as JSON: a cycle, a nesting deeper than <c>MaxDepth</c>, a number that is not finite, a getter that threw. Nothing was sent.</summary>
public sealed class MessageSerializationException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="messageType">The CLR type of the message.</param>
    /// <param name="innerException">What was thrown while writing.</param>
    public MessageSerializationException(Type messageType, Exception innerException)
        : base($"A message of type {messageType} could not be written as JSON; nothing was enqueued. See the inner exception.", innerException) => MessageType = messageType;

    /// <summary>The CLR type of the message.</summary>
    public Type MessageType { get; }
}
