using ReliableQueue.Broker;

namespace ReliableQueue.Working.Handle;

/// <summary>What of an exception is kept with a message: type, message and stack, cut to a length every broker stores.</summary>
internal static class ErrorText
{
    /// <summary>The text, at most so long. A cut between the halves of a surrogate pair would leave text that is not valid UTF-8.</summary>
    public static string Of(Exception exception, int most = BrokerLimits.DeadLetterErrorLength)
    {
        var text = Whole(exception);
        return text.Length <= most ? text : char.IsHighSurrogate(text[most - 1]) ? text[..(most - 1)] : text[..most];
    }

    private static string Whole(Exception exception)
    {
        try
        {
            return exception is RejectMessageException { InnerException: null } or RetryMessageException { InnerException: null } or DeferMessageException { InnerException: null } ? exception.Message : exception.ToString();
        }
        catch (Exception fault)
        {
            // The text of an exception is the application's code.
            return $"{exception.GetType()}, whose text cannot be read: {fault.GetType()}";
        }
    }
}
