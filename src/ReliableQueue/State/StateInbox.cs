namespace ReliableQueue.State;

/// <summary>Where callers leave their writes for the writer thread. All that gathers during one commit goes into the next.</summary>
internal sealed class StateInbox : IDisposable
{
    // How long the writer waits for company before it writes what nobody waits for: an answer saves a replay, a call number only sharpens the detection of a rollback.
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();
    private readonly AutoResetEvent wake = new(false);
    private List<StateWrite> writes = [];
    private bool isClosed;

    /// <summary>Leaves a write; false when the writer is stopping.</summary>
    public bool TryAdd(StateWrite write)
    {
        lock (gate)
        {
            if (isClosed)
            {
                return false;
            }

            writes.Add(write);
        }

        wake.Set();
        return true;
    }

    /// <summary>Lets the writer see that something waits that nobody waits for.</summary>
    public void Nudge() => wake.Set();

    public void Close()
    {
        lock (gate)
        {
            isClosed = true;
        }

        wake.Set();
    }

    /// <summary>Waits for writes. An empty batch: patience is over, write what gathered. Null: closed and nothing left.</summary>
    public IReadOnlyList<StateWrite>? Take(Func<bool> hasAnswers, Func<bool> hasCalls)
    {
        var wasSignalled = true;
        while (true)
        {
            lock (gate)
            {
                if (writes.Count > 0)
                {
                    var batch = writes;
                    writes = [];
                    return batch;
                }

                if (isClosed)
                {
                    return null;
                }
            }

            var patience = hasAnswers() ? AnswerPatience : hasCalls() ? CallPatience : Timeout.InfiniteTimeSpan;
            if (!wasSignalled && patience != Timeout.InfiniteTimeSpan)
            {
                return [];
            }

            wasSignalled = wake.WaitOne(patience);
        }
    }

    public void Dispose() => wake.Dispose();
}
