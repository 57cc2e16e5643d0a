namespace ReliableQueue.Working.Handle;

/// <summary>What of an exception is kept with a dead letter: type, message and stack, cut to a length every broker stores.</summary>
internal static class ErrorText
{
    public const int MaxLength = 4096;

    public static string Of(Exception exception)
    {
        var text = Whole(exception);
        var length = Math.Min(text.Length, MaxLength);

        // A cut between the halves of a surrogate pair would leave text that is not valid UTF-8.
        return length < text.Length && char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
    }

    private static string Whole(Exception exception)
    {
        try
        {
            return exception is RejectMessageException { InnerException: null } ? exception.Message : exception.ToString();
        }
        catch (Exception fault)
        {
            // The text of an exception is the application's code.
            return $"{exception.GetType()}, whose text cannot be read: {fault.GetType()}";
        }
    }
}
