using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>The cold half of the port on the queue file: what only reads reads a snapshot, what changes something goes the way of all writes.</summary>
internal sealed class SqliteQueueAdmin(QueueFile file, SnapshotReader reader, Writer writer) : IQueueAdmin
{
    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) =>
        reader.ReadAsync(connection => StartCheck.Run(connection, file.Path), cancellationToken);

    public Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken)
    {
        SqliteQueueBroker.DemandBatch(request.Take);
        return reader.ReadAsync(
            connection =>
            {
                var names = QueueTable.Page(connection, request.After ?? "", request.Take + 1).ConvertAll(row => QueueName.Parse(row.Name));
                return names.Count > request.Take ? new QueueListReply(names[..request.Take], names[request.Take - 1].Value) : new QueueListReply(names, Next: null);
            },
            cancellationToken);
    }

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) =>
        reader.ReadAsync(connection => StatisticsQuery.Run(connection, queue, file.Environment.UtcNow), cancellationToken);

    public Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken)
    {
        SqliteQueueBroker.DemandBatch(request.Take);
        BrowseQuery.Demand(request);
        return reader.ReadAsync(
            connection => QueueTable.Find(connection, request.Queue) is { } queue
                ? new BrowseQuery(connection, queue, file.Environment).Page(request)
                : new BrowseReply([], NextCursor: null),
            cancellationToken);
    }

    public Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken) => reader.ReadAsync(
        connection => QueueTable.Find(connection, request.Queue) is { } queue ? new BrowseQuery(connection, queue, file.Environment).Find(request.Id) : null,
        cancellationToken);

    public Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken)
    {
        SqliteQueueBroker.DemandBatch(request.Ids.Count);
        return writer.RunAsync(request.Ids.Count, context => RedriveStep.Run(context, request), cancellationToken);
    }

    public Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken)
    {
        SqliteQueueBroker.DemandBatch(request.Ids.Count);
        return writer.RunAsync(request.Ids.Count, context => DeleteStep.Run(context, request), cancellationToken);
    }

    public Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken)
    {
        SqliteQueueBroker.DemandBatch(request.Most);
        return writer.RunAsync(request.Most, context => DeleteStep.Run(context, request), cancellationToken);
    }

    public Task PauseAsync(PauseRequest request, CancellationToken cancellationToken) =>
        writer.RunAsync(weight: 1, context => PauseStep.Run(context, request), cancellationToken);

    public Task ResumeAsync(QueueName queue, CancellationToken cancellationToken) =>
        writer.RunAsync(weight: 1, context => PauseStep.Resume(context, queue), cancellationToken);

    public Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken) =>
        writer.RunAsync(weight: 1, context => WorkersQuery.Announce(context, announcement), cancellationToken);

    public Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken) =>
        reader.ReadAsync(connection => WorkersQuery.Run(connection, queue, file.Environment), cancellationToken);
}
