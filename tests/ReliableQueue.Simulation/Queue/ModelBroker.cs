using ReliableQueue.Broker;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Queue;

/// <summary>
/// The port over the model of the simulation, for the contract suite: a model to each queue, every call answered at once. The workers of the simulation reach the models
/// through their links instead, which lose and hold calls.
/// </summary>
internal sealed class ModelBroker : IQueueBroker, IDeadLetterStore, IRenewalConnection
{
    private readonly Dictionary<QueueName, QueueModel> models = [];
    private readonly Dictionary<SessionId, int> runs = [];
    private readonly EventLoop loop;
    private readonly Chance chance = new(1);
    private readonly History history;

    public ModelBroker(EventLoop loop)
    {
        this.loop = loop;
        history = new History(loop, new HistoryChecker(new SimulationOptions(chance.Fork())));
    }

    public string Identity => "simulated";

    public IDeadLetterStore DeadLetters => this;

    public Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<BrokerFinding>>([]);

    public Task<CallAnswer> EnqueueAsync(QueueName queue, EnqueueRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(Of(queue).Enqueue(request));

    public Task<LeaseReply> LeaseAsync(QueueName queue, LeaseRequest request, CancellationToken cancellationToken)
    {
        Introduce(request.Call.Session);
        return Task.FromResult(Of(queue).Lease(request, callersClock: 0));
    }

    public Task<IReadOnlyList<SettleResult>> SettleAsync(QueueName queue, IReadOnlyList<SettleRequest> requests, CancellationToken cancellationToken) =>
        Task.FromResult(Of(queue).SettleAll(requests));

    public Task<ReturnReply> ReturnSessionAsync(QueueName queue, SessionId session, int maxDeliveries, CancellationToken cancellationToken)
    {
        Introduce(session);
        return Task.FromResult(Of(queue).Return(session, maxDeliveries));
    }

    public Task<QueueStatistics> GetStatisticsAsync(QueueName queue, CancellationToken cancellationToken) => Task.FromResult(Of(queue).Count());

    /// <summary>In no order: the model keeps that a message is dead, not since when.</summary>
    public Task<IReadOnlyList<DeadLetter>> ReadAsync(QueueName queue, long skip, int take, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DeadLetter>>([.. Of(queue).All.Where(message => message.IsDead).Skip((int)skip).Take(take).Select(Letter)]);

    public IRenewalConnection OpenRenewalConnection() => this;

    public IReadOnlyList<RenewResult> Renew(QueueName queue, IReadOnlyList<HeldLease> leases, TimeSpan visibilityTimeout) =>
        Of(queue).RenewAll(leases, visibilityTimeout);

    public IDisposable Listen(QueueName queue, Action hint)
    {
        Of(queue).OnEnqueued = hint;
        return this;
    }

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static DeadLetter Letter(QueuedMessage message)
    {
        var letter = message.SettledBy as Settlement.DeadLetter;
        return new DeadLetter(message.Id, message.Envelope, letter?.Reason ?? DeadLetterReason.DeliveryLimit, letter?.Error, message.Deliveries, DateTimeOffset.UnixEpoch);
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
}
