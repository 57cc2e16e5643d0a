namespace ReliableQueue.Sqlite;

/// <summary>Tells the broker's threads that it closes, and lets them rest until then.</summary>
internal sealed class Closing
{
    private readonly object gate = new();
    private bool closed;

    /// <summary>Rests, on the system's clock: it paces and decides nothing. False, at once, when the broker closes.</summary>
    public bool Rest(TimeSpan time)
    {
        lock (gate)
        {
            return !closed && (!Monitor.Wait(gate, time) || !closed);
        }
    }

    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }
}
