using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <inheritdoc cref="IDeadLetterStore"/>
internal sealed class DeadLetterStore(SnapshotReader reader) : IDeadLetterStore
{
    public Task<IReadOnlyList<DeadLetter>> ReadAsync(QueueName queue, long skip, int take, CancellationToken cancellationToken)
    {
        SqliteQueueBroker.DemandBatch(take);
        return reader.ReadAsync<IReadOnlyList<DeadLetter>>(
            connection => QueueTable.Find(connection, queue) is { } row ? DeadLetterTable.Read(connection, row, skip, take) : [],
            cancellationToken);
    }
}
