using System.Diagnostics.CodeAnalysis;
using ReliableQueue.Broker;

namespace ReliableQueue.Testing;

/// <summary>
/// A broker in the memory of this process, on a clock of yours: <see cref="QueueRules"/> for every queue, behind the port. For tests; nothing outlives the process.
/// </summary>
[Experimental("RQ001")]
public sealed class MemoryBroker : IQueueBroker
{
    private readonly Lock access = new();
    private readonly Func<QueueName, QueueRules> make;
    private readonly Dictionary<QueueName, QueueRules> queues = [];
    private readonly List<(QueueName Queue, Action<QueueHint> Hint)> listeners = [];
    private readonly HashSet<QueueName> hinted = [];

    /// <summary>Makes a broker with no queue yet.</summary>
    /// <param name="time">The broker's clock. Default: the system's.</param>
    /// <param name="make">Makes the rules of a queue when it is first used. Default: <see cref="QueueRules"/>.</param>
    public MemoryBroker(TimeProvider? time = null, Func<QueueName, QueueRules>? make = null)
    {
        var (clock, epoch) = (time ?? TimeProvider.System, 0L);
        this.make = make ?? (_ => new QueueRules(clock, () => ++epoch));
        Admin = new MemoryAdmin(this);
    }

    /// <inheritdoc/>
    public BrokerInfo Info { get; } = new("memory", "Memory", BrokerAbilities.Pause | BrokerAbilities.Redrive);

    /// <inheritdoc/>
    public IQueueAdmin Admin { get; }

    /// <summary>What <see cref="IQueueAdmin.CheckAsync"/> finds. Default: nothing.</summary>
    public IReadOnlyList<BrokerFinding> Findings { get; set; } = [];

    internal IReadOnlyList<QueueName> Names => Locked(() => queues.Where(queue => queue.Value.Exists).Select(queue => queue.Key).ToList());

    /// <inheritdoc/>
    public Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return On(request.Queue, rules => rules.Enqueue(request), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return On(request.Queue, rules => rules.Lease(request), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Info.LackOf(request.Needs) is { } lack
            ? Task.FromException<SettleReply>(new BrokerException(BrokerFault.Refused, lack))
            : On(request.Queue, rules => new SettleReply([.. request.Settlements.Select(rules.Settle)]), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return On(request.Queue, rules => rules.ReturnSession(request), cancellationToken);
    }

    /// <inheritdoc/>
    public IRenewalConnection OpenRenewalConnection() => new RenewalConnection(this);

    /// <inheritdoc/>
    public IHintSubscription Listen(QueueName queue, Action<QueueHint> hint)
    {
        ArgumentNullException.ThrowIfNull(hint);
        var entry = (queue, hint);
        Locked(() => listeners.Add(entry));
        return new Listening(() => Locked(() => listeners.Remove(entry)));
    }

    /// <summary>Looks at, or changes, the rules of a queue in one step.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="step">Called once, under the broker's lock.</param>
    public T With<T>(QueueName queue, Func<QueueRules, T> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var (result, isHinted) = Locked(() => (step(Of(queue)), hinted.Remove(queue)));
        if (isHinted)
        {
            // Not under the lock: whoever hears it may call at once.
            Hint(queue, QueueHint.Ready);
        }

        return result;
    }

    /// <summary>Forgets every queue and begins a new epoch, as <c>FLUSHALL</c> does.</summary>
    public void Flush() => Locked(() =>
    {
        foreach (var rules in queues.Values)
        {
            rules.Flush();
        }
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal Task<T> On<T>(QueueName queue, Func<QueueRules, T> step, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        try
        {
            return Task.FromResult(With(queue, step));
        }
        catch (ArgumentException fault)
        {
            return Task.FromException<T>(fault);
        }
    }

    internal void Hint(QueueName queue, QueueHint hint)
    {
        foreach (var listener in Locked(() => listeners.Where(listener => listener.Queue == queue).ToList()))
        {
            listener.Hint(hint);
        }
    }

    private QueueRules Of(QueueName queue)
    {
        if (!queues.TryGetValue(queue, out var rules))
        {
            queues[queue] = rules = make(queue);
            rules.OnHint = () => hinted.Add(queue);
        }

        return rules;
    }

    private T Locked<T>(Func<T> step)
    {
        lock (access)
        {
            return step();
        }
    }

    private void Locked(Action step)
    {
        lock (access)
        {
            step();
        }
    }

    private sealed class RenewalConnection(MemoryBroker broker) : IRenewalConnection
    {
        public RenewReply Renew(RenewRequest request)
        {
            ArgumentNullException.ThrowIfNull(request);
            return broker.With(request.Queue, rules => new RenewReply([.. request.Leases.Select(lease => rules.Renew(lease, request.VisibilityTimeout))]));
        }

        public void Dispose()
        {
            // Nothing is open.
        }
    }

    private sealed class Listening(Action end) : IHintSubscription
    {
        public bool IsHeard => true;

        public void Dispose() => end();
    }
}
