using ReliableQueue.Broker;

namespace ReliableQueue.Testing;

/// <summary>The cold half of <see cref="MemoryBroker"/>.</summary>
internal sealed class MemoryAdmin(MemoryBroker broker) : IQueueAdmin
{
    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled<IReadOnlyList<BrokerFinding>>(cancellationToken) : Task.FromResult(broker.Findings);

    public Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken)
    {
        DemandBatch(request.Take);
        var names = broker.Names.Where(name => request.After is null || string.CompareOrdinal(name.Value, request.After) > 0)
            .OrderBy(name => name.Value, StringComparer.Ordinal).Take(request.Take + 1).ToList();
        var page = names.Take(request.Take).ToList();
        return Task.FromResult(new QueueListReply(page, names.Count > request.Take ? page[^1].Value : null));
    }

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => broker.On(queue, rules => rules.Count(), cancellationToken);

    public Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken) => broker.On(request.Queue, rules => rules.Browse(request), cancellationToken);

    public Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken) => broker.On(request.Queue, rules => rules.Find(request.Id), cancellationToken);

    public async Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken)
    {
        DemandBatch(request.Ids.Count);
        var reply = await broker.On(request.Queue, rules => new RedriveReply([.. request.Ids.Select(rules.Redrive)]), cancellationToken).ConfigureAwait(false);
        broker.Hint(request.Queue, QueueHint.Ready);
        return reply;
    }

    public Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken)
    {
        DemandBatch(request.Ids.Count);
        return broker.On(request.Queue, rules => new DeleteReply([.. request.Ids.Select(rules.Delete)]), cancellationToken);
    }

    public Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken) => broker.On(request.Queue, rules => rules.Purge(request), cancellationToken);

    public Task PauseAsync(PauseRequest request, CancellationToken cancellationToken) => ControlAsync(request.Queue, rules => rules.Pause(request.For), cancellationToken);

    public Task ResumeAsync(QueueName queue, CancellationToken cancellationToken) => ControlAsync(queue, rules => rules.Resume(), cancellationToken);

    public Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken) => broker.On(
        announcement.Queue,
        rules =>
        {
            rules.Announce(announcement);
            return true;
        },
        cancellationToken);

    public Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken) => broker.On(queue, rules => rules.Workers(), cancellationToken);

    private static void DemandBatch(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, BrokerLimits.BatchSize);
    }

    private async Task ControlAsync(QueueName queue, Action<QueueRules> change, CancellationToken cancellationToken)
    {
        await broker.On(
            queue,
            rules =>
            {
                change(rules);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        broker.Hint(queue, QueueHint.Control);
    }
}
