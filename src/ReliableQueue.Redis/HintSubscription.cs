namespace ReliableQueue.Redis;

/// <summary>One listener of a queue; disposing it ends the listening.</summary>
internal sealed class HintSubscription(HintBoard board, string channel, Action hint) : IDisposable
{
    private int ended;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            board.Remove(channel, hint);
        }
    }
}
