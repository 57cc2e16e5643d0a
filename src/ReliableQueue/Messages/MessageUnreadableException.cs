namespace ReliableQueue.Messages;

/// <summary>A body that is not a message of its type. The text names the place in the body, never its content.</summary>
internal sealed class MessageUnreadableException(string message, Exception? innerException = null) : Exception(message, innerException);
