namespace ReliableQueue.Messages;

/// <summary>A body that is not a message of its type. The text names the place in the body, never its content.</summary>
internal sealed class MessageUnreadableException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether the body is whole and only not of the shape its type has here: another version of the application may read it.</summary>
    public bool IsOfAnotherShape { get; init; }
}
