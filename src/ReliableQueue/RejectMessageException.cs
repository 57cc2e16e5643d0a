namespace ReliableQueue;

/// <summary>Thrown by a handler for a message that can never succeed: it is dead-lettered at once, and the worker remembers it in its state file.</summary>
public sealed class RejectMessageException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="reason">Kept with the dead letter for a person to read; cut at 4,096 characters.</param>
    /// <param name="innerException">What made the message impossible, when something was thrown.</param>
    public RejectMessageException(string reason, Exception? innerException = null)
        : base(reason, innerException)
    {
    }
}
