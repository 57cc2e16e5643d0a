using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>Reads one moment of the file, over a connection of its own. With a write-ahead log a reader waits for no writer and no writer for it.</summary>
internal sealed class SnapshotReader(QueueFile file) : IDisposable
{
    private readonly Lock gate = new();
    private Connection? connection;
    private bool closed;

    public Task<T> ReadAsync<T>(Func<Connection, T> read, CancellationToken cancellationToken) =>
        Task.Run(() => Read(read), cancellationToken);

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            Reopen();
        }
    }

    private T Read<T>(Func<Connection, T> read)
    {
        lock (gate)
        {
            if (closed)
            {
                // Opened now, nobody would close it.
                throw file.Closed();
            }

            for (var start = file.Environment.Time.GetTimestamp(); ;)
            {
                try
                {
                    return ReadOnce(connection ??= file.Connect(), read);
                }
                catch (SqliteFailure failure)
                {
                    // Busy for a reader: another process opens or closes the file, a matter of milliseconds.
                    Reopen();
                    if (!failure.IsBusy || file.IsOver(start) || !file.RestWhileBusy())
                    {
                        throw failure.BeforeCommit(file.Path);
                    }
                }
            }
        }
    }

    private T ReadOnce<T>(Connection open, Func<Connection, T> read)
    {
        open.Run("BEGIN");
        try
        {
            file.DemandKnownVersion(open);
            return read(open);
        }
        finally
        {
            open.Run("COMMIT");
        }
    }

    private void Reopen()
    {
        connection?.Dispose();
        connection = null;
    }
}
