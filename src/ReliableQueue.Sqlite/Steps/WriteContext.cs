using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>What one step of a write transaction works with: one queue, and clocks that are read once, so that a step sees one moment.</summary>
internal sealed class WriteContext(Connection connection, QueueFile file, HashSet<(QueueName Queue, QueueHint Hint)> woken)
{
    private QueueName? queueName;
    private QueueRow? queue;

    public Connection Connection { get; } = connection;

    public QueueFile File { get; } = file;

    /// <summary>Microseconds since the machine started.</summary>
    public long Now { get; } = file.Environment.Now;

    /// <summary>Microseconds since 1970.</summary>
    public long UtcNow { get; } = file.Environment.UtcNow;

    /// <summary>The queue of the step; null when there is none of this name.</summary>
    public QueueRow? FindQueue(QueueName name)
    {
        queueName = name;
        return queue ??= QueueTable.Find(Connection, name);
    }

    /// <summary>The queue of the step, made when there is none of this name.</summary>
    public QueueRow FindOrCreateQueue(QueueName name) => FindQueue(name) ?? (queue = QueueTable.Create(Connection, name, File.Environment.Random));

    /// <summary>Who listens to the queue of the step hears so after the commit. When the step is undone the hint was wrong, as hints may be.</summary>
    public void Wake(QueueHint hint = QueueHint.Ready)
    {
        if (queueName is not null)
        {
            woken.Add((queueName, hint));
        }
    }

    /// <summary>Files messages that were found damaged, and answers whether any of them was not known to be.</summary>
    public bool ReportDamage(QueueRow row, List<byte[]> ids)
    {
        var isNew = false;
        foreach (var id in ids.Where(id => DamageTable.Add(Connection, row, id)))
        {
            SqliteLog.MessageDamaged(File.Logger, File.Path, row.Name, Convert.ToHexStringLower(id));
            isNew = true;
        }

        return isNew;
    }

    /// <summary>Ends the step: the counters of its queue are written once, however many places and fences it took.</summary>
    public void Complete()
    {
        if (queue is { IsChanged: true })
        {
            QueueTable.Save(Connection, queue);
        }
    }
}
