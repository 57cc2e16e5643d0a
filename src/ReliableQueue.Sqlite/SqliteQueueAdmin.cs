using System.Globalization;
using ReliableQueue.Broker;
using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>The cold half of the port on the queue file.</summary>
internal sealed class SqliteQueueAdmin(QueueFile file, SnapshotReader reader) : IQueueAdmin
{
    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) =>
        reader.ReadAsync(_ => StartCheck.Run(file.Path), cancellationToken);

    public Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken) => throw NotYet("list queues");

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) =>
        reader.ReadAsync(connection => StatisticsQuery.Run(connection, queue), cancellationToken);

    public Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken)
    {
        SqliteQueueBroker.DemandBatch(request.Take);
        if (request.State != MessageState.DeadLettered)
        {
            throw NotYet($"browse messages that are {request.State}");
        }

        // The cursor is the number of the last dead letter read.
        var after = AfterOf(request.Cursor);
        return reader.ReadAsync(connection => Browse(connection, request, after), cancellationToken);
    }

    public Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken) => throw NotYet("find a message");

    public Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken) => throw NotYet("redrive");

    public Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => throw NotYet("delete messages");

    public Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken) => throw NotYet("purge");

    public Task PauseAsync(PauseRequest request, CancellationToken cancellationToken) => throw NotYet("pause a queue");

    public Task ResumeAsync(QueueName queue, CancellationToken cancellationToken) => throw NotYet("resume a queue");

    public Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken) => throw NotYet("announce a worker");

    public Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken) => throw NotYet("list workers");

    private static NotSupportedException NotYet(string what) => new($"The broker SQLite cannot {what} in this version.");

    private static BrowseReply Browse(Connection connection, BrowseRequest request, long after)
    {
        if (QueueTable.Find(connection, request.Queue) is not { } queue)
        {
            return new BrowseReply([], null);
        }

        var (messages, last) = DeadLetterTable.Read(connection, queue, after, request.Take);
        return new BrowseReply(messages, messages.Count < request.Take ? null : last.ToString(CultureInfo.InvariantCulture));
    }

    private static long AfterOf(string? cursor) =>
        cursor is null ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after
        : throw new ArgumentException($"'{cursor}' is no cursor of this broker.", nameof(cursor));
}
