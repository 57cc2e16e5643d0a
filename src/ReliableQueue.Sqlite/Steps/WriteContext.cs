using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>What one step of a write transaction works with. The clocks are read once, so that a step sees one moment.</summary>
internal sealed class WriteContext(Connection connection, QueueFile file, HashSet<QueueName> woken)
{
    public Connection Connection { get; } = connection;

    public QueueFile File { get; } = file;

    /// <summary>Microseconds since the machine started.</summary>
    public long Now { get; } = file.Environment.Now;

    /// <summary>Microseconds since 1970.</summary>
    public long UtcNow { get; } = file.Environment.UtcNow;

    /// <summary>Who listens to this queue hears so after the commit. When the step is undone the hint was wrong, as hints may be.</summary>
    public void Wake(QueueName queue) => woken.Add(queue);
}
