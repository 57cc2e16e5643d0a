using ReliableQueue.Broker;
using ReliableQueue.Testing;

namespace ReliableQueue.TestKit;

/// <summary>
/// The reference broker on a clock that is given, with faults: each call passes through <see cref="Before"/> and <see cref="After"/>, where a test loses, delays or
/// refuses it.
/// </summary>
public sealed class FaultyBroker : DelegatingBroker
{
    private readonly MemoryBroker broker;

    public FaultyBroker(TimeProvider time)
        : this(new MemoryBroker(time))
    {
    }

    private FaultyBroker(MemoryBroker broker)
        : base(broker)
    {
        this.broker = broker;
        Admin = new FaultyAdmin(this);
    }

    /// <summary>Runs before a call is done, with its name; throw to make it not done, await to hold it.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after a call was done and before it is answered; throw to lose the answer.</summary>
    public Func<string, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a renewal, which cannot be awaited; throw to make it fail.</summary>
    public Action BeforeRenewal { get; set; } = () => { };

    public IReadOnlyList<BrokerFinding> Findings
    {
        get => broker.Findings;
        set => broker.Findings = value;
    }

    public override IQueueAdmin Admin { get; }

    /// <summary>How often leases were renewed.</summary>
    public int Renewals { get; private set; }

    public override Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken) =>
        CallAsync("enqueue", () => base.EnqueueAsync(request, cancellationToken));

    public override Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        CallAsync("lease", () => base.LeaseAsync(request, cancellationToken));

    public override Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken) =>
        CallAsync("settle", () => base.SettleAsync(request, cancellationToken));

    public override Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken) =>
        CallAsync("return", () => base.ReturnAsync(request, cancellationToken));

    public override IRenewalConnection OpenRenewalConnection() => new FaultyRenewals(this, base.OpenRenewalConnection());

    /// <summary>Forgets everything, as FLUSHALL would.</summary>
    public void Flush() => broker.Flush();

    private async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
    {
        await Before(name);
        var answer = await call();
        await After(name);
        return answer;
    }

    private async Task CallAsync(string name, Func<Task> call)
    {
        await Before(name);
        await call();
        await After(name);
    }

    private sealed class FaultyAdmin(FaultyBroker faulty) : DelegatingAdmin(faulty.Inner.Admin)
    {
        public override Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => faulty.CallAsync("check", () => base.CheckAsync(cancellationToken));

        public override Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) =>
            faulty.CallAsync("statistics", () => base.GetStatisticsAsync(queue, cancellationToken));

        public override Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken) =>
            faulty.CallAsync("browse", () => base.BrowseAsync(request, cancellationToken));

        public override Task<QueueListReply> ListQueuesAsync(QueueListRequest request, CancellationToken cancellationToken) =>
            faulty.CallAsync("queues", () => base.ListQueuesAsync(request, cancellationToken));

        public override Task<StoredMessage?> FindAsync(FindRequest request, CancellationToken cancellationToken) =>
            faulty.CallAsync("find", () => base.FindAsync(request, cancellationToken));

        public override Task<RedriveReply> RedriveAsync(RedriveRequest request, CancellationToken cancellationToken) =>
            faulty.CallAsync("redrive", () => base.RedriveAsync(request, cancellationToken));

        public override Task<DeleteReply> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) =>
            faulty.CallAsync("delete", () => base.DeleteAsync(request, cancellationToken));

        public override Task<PurgeReply> PurgeAsync(PurgeRequest request, CancellationToken cancellationToken) =>
            faulty.CallAsync("purge", () => base.PurgeAsync(request, cancellationToken));

        public override Task PauseAsync(PauseRequest request, CancellationToken cancellationToken) => faulty.CallAsync("pause", () => base.PauseAsync(request, cancellationToken));

        public override Task ResumeAsync(QueueName queue, CancellationToken cancellationToken) => faulty.CallAsync("resume", () => base.ResumeAsync(queue, cancellationToken));

        public override Task AnnounceAsync(WorkerAnnouncement announcement, CancellationToken cancellationToken) =>
            faulty.CallAsync("announce", () => base.AnnounceAsync(announcement, cancellationToken));

        public override Task<IReadOnlyList<WorkerListing>> ListWorkersAsync(QueueName queue, CancellationToken cancellationToken) =>
            faulty.CallAsync("workers", () => base.ListWorkersAsync(queue, cancellationToken));
    }

    private sealed class FaultyRenewals(FaultyBroker faulty, IRenewalConnection inner) : IRenewalConnection
    {
        public RenewReply Renew(RenewRequest request)
        {
            faulty.BeforeRenewal();
            faulty.Renewals++;
            return inner.Renew(request);
        }

        public void Dispose() => inner.Dispose();
    }
}
