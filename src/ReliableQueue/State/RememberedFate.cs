using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>What became here of a message that is being delivered again: null <paramref name="Rejection"/> means it completed.</summary>
internal sealed record RememberedFate(Settlement.DeadLetter? Rejection)
{
    /// <summary>
    /// Enough for the type and the message of an exception. With whole stack traces, the rejections a worker remembers could fill 400 MB. The file has each error whole.
    /// So has the dead letter, unless the message was delivered again before the rejection reached the broker: then this is what it is dead-lettered with.
    /// </summary>
    public const int ErrorLength = 256;

    public static RememberedFate Of(StateRecord record) => new(record is StateRecord.Rejection { Settlement: var rejection } ? rejection with { Error = Begin(rejection.Error) } : null);

    private static string? Begin(string? error)
    {
        if (error is null || error.Length <= ErrorLength)
        {
            return error;
        }

        // A cut between the halves of a surrogate pair would leave text that is not valid UTF-8.
        return error[..(char.IsHighSurrogate(error[ErrorLength - 1]) ? ErrorLength - 1 : ErrorLength)];
    }
}
