namespace ReliableQueue.Sqlite;

/// <summary>
/// Whose turn it is to write, among the threads of one broker. Renewals go first: a group of settlements can wait for a renewal, but a lease cannot wait for
/// an endless row of groups.
/// </summary>
internal sealed class WriteTurn
{
    private readonly object gate = new();
    private bool taken;
    private int renewals;

    public void TakeForGroup()
    {
        lock (gate)
        {
            while (taken || renewals > 0)
            {
                Monitor.Wait(gate);
            }

            taken = true;
        }
    }

    /// <summary>False when the turn did not come in time; then there is nothing to give back.</summary>
    public bool TryTakeForRenewal(TimeSpan limit)
    {
        lock (gate)
        {
            renewals++;
            try
            {
                while (taken)
                {
                    if (!Monitor.Wait(gate, limit))
                    {
                        return false;
                    }
                }

                return taken = true;
            }
            finally
            {
                renewals--;
                Monitor.PulseAll(gate);
            }
        }
    }

    public void GiveBack()
    {
        lock (gate)
        {
            taken = false;
            Monitor.PulseAll(gate);
        }
    }
}
