using ReliableQueue.Broker;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;
using ReliableQueue.TestKit;

namespace ReliableQueue.Simulation.Queue;

/// <summary>
/// The port over the model of the simulation, for the contract suite: a model to each queue, every call answered at once. The workers of the simulation reach the models
/// through their links instead, which lose and hold calls.
/// </summary>
internal sealed class ModelBroker : IQueueBroker, IRenewalConnection
{
    private readonly Dictionary<QueueName, QueueModel> models = [];
    private readonly Dictionary<SessionId, int> runs = [];
    private readonly EventLoop loop;
    private readonly Chance chance = new(1);
    private readonly History history;

    public ModelBroker(EventLoop loop)
    {
        this.loop = loop;
        Admin = new ModelAdmin(this);
        history = new History(loop, new HistoryChecker(new SimulationOptions(chance.Fork())));
    }

    public BrokerInfo Info { get; } = new("simulated", "Simulated", BrokerAbilities.None);

    public IQueueAdmin Admin { get; }

    public Task<EnqueueReply> EnqueueAsync(EnqueueRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new EnqueueReply(Of(request.Queue).Enqueue(request), []));

    public Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        Introduce(request.Call.Session);
        return Task.FromResult(Of(request.Queue).Lease(request, callersClock: 0));
    }

    public Task<SettleReply> SettleAsync(SettleRequest request, CancellationToken cancellationToken) =>
        Info.LackOf(request.Needs) is { } lack
            ? throw new BrokerException(BrokerFault.Refused, lack)
            : Task.FromResult(new SettleReply(Of(request.Queue).SettleAll(request.Settlements)));

    public Task<ReturnReply> ReturnAsync(ReturnRequest request, CancellationToken cancellationToken)
    {
        Introduce(request.Session);
        return Task.FromResult(Of(request.Queue).Return(request.Session, request.MaxDeliveries));
    }

    public IRenewalConnection OpenRenewalConnection() => this;

    public RenewReply Renew(RenewRequest request) => new(Of(request.Queue).RenewAll(request.Leases, request.VisibilityTimeout));

    public IDisposable Listen(QueueName queue, Action<QueueHint> hint)
    {
        Of(queue).OnEnqueued = () => hint(QueueHint.Ready);
        return this;
    }

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static StoredMessage Letter(QueuedMessage message)
    {
        var letter = message.SettledBy as Settlement.DeadLetter;
        return new StoredMessage(message.Id, message.Envelope, MessageState.DeadLettered, message.Deliveries)
        {
            DeadLetterReason = letter?.Reason ?? DeadLetterReason.DeliveryLimit,
            Error = letter?.Error,
            DeadLetteredAt = DateTimeOffset.UnixEpoch,
        };
    }

    private QueueModel Of(QueueName queue)
    {
        if (!models.TryGetValue(queue, out var model))
        {
            models.Add(queue, model = new QueueModel(loop, chance.Fork(), history, PlantedBug.None));
        }

        return model;
    }

    /// <summary>
    /// The history is told of runs it knows. What its checker says of calls that no worker made is heard by nobody: it ends a simulation at the next thing that happens, and
    /// nothing happens on this loop but time.
    /// </summary>
    private void Introduce(SessionId session)
    {
        if (runs.TryAdd(session, runs.Count + 1))
        {
            history.Own(session, runs[session]);
            history.Add(What.Began, runs[session], number: runs[session]);
        }
    }

    private sealed class ModelAdmin(ModelBroker broker) : DelegatingAdmin(NoBroker.Instance)
    {
        public override Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<BrokerFinding>>([]);

        public override Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => Task.FromResult(broker.Of(queue).Count());

        /// <summary>In no order: the model keeps that a message is dead, not since when.</summary>
        public override Task<BrowseReply> BrowseAsync(BrowseRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(Pages.Of([.. broker.Of(request.Queue).All.Where(message => message.IsDead).Select(Letter)], request));
    }
}
