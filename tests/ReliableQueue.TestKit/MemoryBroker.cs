using System.Buffers.Binary;
using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>
/// The port in memory, on a clock that is given: what the worker is tested against when no file and no server is wanted. Each call passes through
/// <see cref="Before"/> and <see cref="After"/>, where a test loses, delays or refuses it.
/// </summary>
public sealed class MemoryBroker : IQueueBroker, IRenewalConnection
{
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Dictionary<QueueName, MemoryQueue> queues = [];
    private readonly Dictionary<QueueName, Action<QueueHint>> hints = [];

    public MemoryBroker(TimeProvider time)
    {
        this.time = time;
        Admin = new MemoryAdmin(this);
    }

    /// <summary>Runs before a call is done, with its name; throw to make it not done, await to hold it.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after a call was done and before it is answered; throw to lose the answer.</summary>
    public Func<string, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a renewal, which cannot be awaited; throw to make it fail.</summary>
    public Action BeforeRenewal { get; set; } = () => { };

    public IReadOnlyList<BrokerFinding> Findings { get; set; } = [];

    public BrokerInfo Info { get; } = new("memory", "Memory", BrokerAbilities.None);

    public IQueueAdmin Admin { get; }

    /// <summary>How often leases were renewed.</summary>
    public int Renewals { get; private set; }

    public async Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("enqueue", () => Of(request.Queue).Enqueue(request));
        Hint(request.Queue);
        return new EnqueueReply(answer, []);
    }

    public Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) => CallAsync("lease", () => Of(request.Queue).Lease(request));

    public Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken) => CallAsync("settle", () =>
        Info.LackOf(request.Needs) is { } lack
            ? throw new BrokerException(BrokerFault.Refused, lack)
            : new SettleReply([.. request.Settlements.Select(Of(request.Queue).Settle)]));

    public Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken) =>
        CallAsync("return", () => Of(request.Queue).Return(request.Session, request.MaxDeliveries));

    public IRenewalConnection OpenRenewalConnection() => this;

    public RenewReply Renew(RenewRequest request)
    {
        BeforeRenewal();
        lock (gate)
        {
            Renewals++;
            return new RenewReply([.. request.Leases.Select(lease => Of(request.Queue).Renew(lease, request.VisibilityTimeout))]);
        }
    }

    public IDisposable Listen(QueueName queue, Action<QueueHint> hint)
    {
        lock (gate)
        {
            hints[queue] = hint;
        }

        return this;
    }

    /// <summary>Forgets everything, as FLUSHALL would.</summary>
    public void Flush()
    {
        lock (gate)
        {
            queues.Clear();
        }
    }

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<T> CallAsync<T>(string name, Func<T> call)
    {
        await Before(name);
        T answer;
        lock (gate)
        {
            answer = call();
        }

        await After(name);
        return answer;
    }

    private MemoryQueue Of(QueueName queue)
    {
        lock (gate)
        {
            if (!queues.TryGetValue(queue, out var found))
            {
                queues.Add(queue, found = new MemoryQueue(time, epoch: BinaryPrimitives.ReverseEndianness((long)queues.Count + time.GetTimestamp())));
            }

            return found;
        }
    }

    private void Hint(QueueName queue)
    {
        Action<QueueHint>? hint;
        lock (gate)
        {
            hints.TryGetValue(queue, out hint);
        }

        hint?.Invoke(QueueHint.Ready);
    }

    private sealed class MemoryAdmin(MemoryBroker broker) : DelegatingAdmin(NoBroker.Instance)
    {
        public override Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => broker.CallAsync("check", () => broker.Findings);

        public override Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) =>
            broker.CallAsync("statistics", broker.Of(queue).Count);

        public override Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken) =>
            broker.CallAsync("browse", () => Pages.Of(broker.Of(request.Queue).Dead, request));
    }
}
