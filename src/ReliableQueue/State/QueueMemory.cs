using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>What a record of the state is about: one queue on one broker (<see cref="BrokerInfo.Identity"/>).</summary>
internal sealed record StateScope(string Broker, QueueName Queue)
{
    /// <summary>Null when the text is no name of a queue.</summary>
    public static StateScope? Of(string broker, string queue) => QueueName.FaultOf(queue) is null ? new StateScope(broker, QueueName.Parse(queue)) : null;
}

/// <summary>What a worker remembers of one queue on one broker across its own death: the part of <see cref="IWorkerState"/> that one queue reads and writes.</summary>
internal sealed class QueueMemory(IWorkerState state, StateScope scope)
{
    public QueueName Queue => scope.Queue;

    /// <inheritdoc cref="IWorkerState.Fault"/>
    public string? Fault => state.Fault;

    /// <inheritdoc cref="IWorkerState.EpochOf"/>
    public long? Epoch => state.EpochOf(scope);

    /// <inheritdoc cref="IWorkerState.BeginSessionAsync"/>
    public Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(SessionId session) => state.BeginSessionAsync(scope, session);

    /// <inheritdoc cref="IWorkerState.EndSessionAsync"/>
    public Task EndSessionAsync(SessionId session) => state.EndSessionAsync(scope, session);

    /// <inheritdoc cref="IWorkerState.NoteEpochAsync"/>
    public Task NoteEpochAsync(long epoch) => state.NoteEpochAsync(scope, epoch);

    /// <inheritdoc cref="IWorkerState.NoteLastCall"/>
    public void NoteLastCall(SessionId session, long number) => state.NoteLastCall(scope, session, number);

    /// <inheritdoc cref="IWorkerState.RecordAsync"/>
    public Task RecordAsync(IReadOnlyList<StateRecord> records) => state.RecordAsync(scope, records);

    /// <inheritdoc cref="IWorkerState.Confirm"/>
    public void Confirm(HeldLease lease, SettleResult result) => state.Confirm(scope, lease, result);

    /// <inheritdoc cref="IWorkerState.Unconfirmed"/>
    public IReadOnlyList<StateRecord> Unconfirmed() => state.Unconfirmed(scope);

    /// <inheritdoc cref="IWorkerState.Recall"/>
    public Settlement? Recall(MessageId message, int generation) => state.Recall(scope, message, generation);

    /// <inheritdoc cref="IWorkerState.ProbeAsync"/>
    public Task ProbeAsync() => state.ProbeAsync();
}
