using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>
/// A broker on top of another one, as <see cref="DelegatingHandler"/> is for HTTP: every member forwards to <see cref="Inner"/>, and a derived class overrides what it
/// changes. A member that the port gains later is forwarded as well, so nothing derived breaks.
/// </summary>
[Experimental("RQ001")]
public abstract class DelegatingBroker : IQueueBroker
{
    /// <summary>Makes the broker.</summary>
    /// <param name="inner">What calls are forwarded to. Disposed with this broker.</param>
    protected DelegatingBroker(IQueueBroker inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <inheritdoc/>
    public virtual BrokerInfo Info => Inner.Info;

    /// <inheritdoc/>
    public virtual IQueueAdmin Admin => Inner.Admin;

    /// <summary>What calls are forwarded to.</summary>
    protected IQueueBroker Inner { get; }

    /// <inheritdoc/>
    public virtual Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken) => Inner.EnqueueAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) => Inner.LeaseAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken) => Inner.SettleAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken) => Inner.ReturnAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual IRenewalConnection OpenRenewalConnection() => Inner.OpenRenewalConnection();

    /// <inheritdoc/>
    public virtual IHintSubscription Listen(QueueName queue, Action<QueueHint> hint) => Inner.Listen(queue, hint);

    /// <summary>Disposes <see cref="Inner"/>.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Inner.DisposeAsync();
    }
}

/// <summary>The cold half of a broker on top of another one: every member forwards to <see cref="Inner"/>, and a derived class overrides what it changes.</summary>
[Experimental("RQ001")]
public abstract class DelegatingAdmin : IQueueAdmin
{
    /// <summary>Makes the admin.</summary>
    /// <param name="inner">What calls are forwarded to.</param>
    protected DelegatingAdmin(IQueueAdmin inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>What calls are forwarded to.</summary>
    protected IQueueAdmin Inner { get; }

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => Inner.CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken) => Inner.ListQueuesAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => Inner.GetStatisticsAsync(queue, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken) => Inner.BrowseAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken) => Inner.FindAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken) => Inner.RedriveAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => Inner.DeleteAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken) => Inner.PurgeAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task PauseAsync(PauseRequest request, CancellationToken cancellationToken) => Inner.PauseAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task ResumeAsync(QueueName queue, CancellationToken cancellationToken) => Inner.ResumeAsync(queue, cancellationToken);

    /// <inheritdoc/>
    public virtual Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken) => Inner.AnnounceAsync(announcement, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken) =>
        Inner.ListWorkersAsync(queue, cancellationToken);
}
