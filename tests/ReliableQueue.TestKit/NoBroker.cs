using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>A broker that can do nothing: what a test's broker delegates to when it answers a few calls itself and none of the others is made.</summary>
public sealed class NoBroker : IQueueBroker, IQueueAdmin
{
    private NoBroker()
    {
    }

    public static NoBroker Instance { get; } = new();

    public BrokerInfo Info { get; } = new("none", "None", BrokerAbilities.None);

    public IQueueAdmin Admin => this;

    private static NotSupportedException NotMade => new("This test makes no such call.");

    public Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken) => throw NotMade;

    public IRenewalConnection OpenRenewalConnection() => throw NotMade;

    public IHintSubscription Listen(QueueName queue, Action<QueueHint> hint) => throw NotMade;

    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => throw NotMade;

    public Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => throw NotMade;

    public Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task PauseAsync(PauseRequest request, CancellationToken cancellationToken) => throw NotMade;

    public Task ResumeAsync(QueueName queue, CancellationToken cancellationToken) => throw NotMade;

    public Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken) => throw NotMade;

    public Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken) => throw NotMade;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
