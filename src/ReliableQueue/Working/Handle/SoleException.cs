namespace ReliableQueue.Working.Handle;

/// <summary>What was thrown inside an <see cref="AggregateException"/> that holds nothing else: a handler that blocked on a task throws such a one.</summary>
internal static class SoleException
{
    /// <summary>The exception itself, unless it is an aggregate of one, of however many layers.</summary>
    public static Exception Of(Exception exception)
    {
        while (exception is AggregateException { InnerExceptions: [var inner] })
        {
            exception = inner;
        }

        return exception;
    }
}
