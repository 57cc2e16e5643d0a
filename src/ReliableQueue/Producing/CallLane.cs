using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>
/// One lane of a client: numbers its calls and has one in flight. The number moves on only when the broker has answered, or has certainly not seen the call; until
/// then the very same call is made again, which is what makes a lost reply harmless.
/// </summary>
internal sealed class CallLane(SessionId session, int lane)
{
    private long answered;

    public SessionId Session { get; } = session;

    /// <summary>The highest number that was answered; 0 before the first.</summary>
    public long LastAnswered => Interlocked.Read(ref answered);

    /// <summary>The stamp of the call to make now, the same until <see cref="Answered"/>.</summary>
    public CallStamp Stamp => new(Session, lane, LastAnswered + 1);

    public void Answered() => Interlocked.Increment(ref answered);
}
