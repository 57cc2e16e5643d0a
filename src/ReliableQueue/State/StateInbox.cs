namespace ReliableQueue.State;

/// <summary>Where callers leave their writes for the writer thread. All that gathers during one commit goes into the next.</summary>
internal sealed class StateInbox
{
    // How long the writer waits for company before it writes what nobody waits for: an answer saves a replay, a call number only sharpens the detection of a rollback.
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(3);

    // A monitor and not an event: there is nothing to dispose, so a late caller cannot meet a disposed one.
    private readonly object gate = new();
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
            Monitor.Pulse(gate);
            return true;
        }
    }

    /// <summary>Lets the writer see that something waits that nobody waits for.</summary>
    public void Nudge()
    {
        lock (gate)
        {
            Monitor.Pulse(gate);
        }
    }

    public void Close()
    {
        lock (gate)
        {
            isClosed = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Waits for writes. An empty batch: patience is over, write what gathered. Null: closed and nothing left.</summary>
    public IReadOnlyList<StateWrite>? Take(Func<bool> hasAnswers, Func<bool> hasCalls)
    {
        lock (gate)
        {
            while (writes.Count == 0)
            {
                if (isClosed)
                {
                    return null;
                }

                var patience = hasAnswers() ? AnswerPatience : hasCalls() ? CallPatience : Timeout.InfiniteTimeSpan;
                if (!Monitor.Wait(gate, patience))
                {
                    return [];
                }
            }

            var batch = writes;
            writes = [];
            return batch;
        }
    }
}
