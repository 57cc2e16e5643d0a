using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.Tests.State;

/// <summary>Makes SQLite itself fail at one of its operations, counted over all the connections that a state file opens.</summary>
internal sealed class WriteFault(WriteFaultKind kind, int at)
{
    // A handful of instructions of SQLite's machine: small enough to stop between any two rows.
    private const int Instructions = 3;

    private Connection? known;

    /// <summary>How many operations there were.</summary>
    public int Operations { get; private set; }

    public bool IsOver { get; private set; }

    public void Watch(Connection connection)
    {
        if (ReferenceEquals(connection, known))
        {
            return;
        }

        known = connection;
        var handle = connection.Handle;
        if (kind == WriteFaultKind.Commit)
        {
            raw.sqlite3_commit_hook(handle, _ => Strike(), null);
        }
        else
        {
            raw.sqlite3_progress_handler(handle, Instructions, _ => Strike(), null);
        }
    }

    private int Strike()
    {
        if (++Operations != at)
        {
            return 0;
        }

        IsOver = true;
        return 1;
    }
}
