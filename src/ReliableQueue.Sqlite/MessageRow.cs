using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>
/// A row of the message table, without its place in line. Envelope is the number of its bytes in the envelope table; Token is the newest given out, zeros before
/// the first delivery.
/// </summary>
internal readonly record struct MessageRow(
    MessageId Id, MessageState State, long Envelope, int Deliveries, int Losses, LeaseToken Token, SettledAs Settled)
{
    private const int SuspectLosses = 2;

    /// <summary>The line it stands in when it is ready.</summary>
    public MessageState ReadyState => Losses >= SuspectLosses ? MessageState.Suspect : MessageState.Ready;
}
