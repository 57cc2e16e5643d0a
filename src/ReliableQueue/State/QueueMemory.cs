using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.State;

/// <summary>What a worker remembers of one queue on one broker across its own death: the part of <see cref="IWorkerState"/> that one queue reads and writes.</summary>
internal sealed class QueueMemory(IWorkerState state, StateScope scope)
{
    public QueueName Queue => scope.Queue;

    public StateScope Scope => scope;

    /// <inheritdoc cref="IWorkerState.Fault"/>
    public string? Fault => state.Fault;

    /// <summary>The broker's epoch of the queue as last noted; null when none was.</summary>
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
    public Task RecordAsync(IReadOnlyList<StateRecord> records) => state.RecordAsync(records);

    /// <inheritdoc cref="IWorkerState.Confirm"/>
    public void Confirm(HeldLease lease, SettleResult result) => state.Confirm(scope, lease, result);

    /// <inheritdoc cref="IWorkerState.Unconfirmed"/>
    public IReadOnlyList<StateRecord> Unconfirmed() => state.Unconfirmed(scope);

    /// <inheritdoc cref="IWorkerState.Recall"/>
    public RememberedFate? Recall(MessageId message, int generation) => state.Recall(scope, message, generation);

    /// <inheritdoc cref="IWorkerState.ProbeAsync"/>
    public Task ProbeAsync() => state.ProbeAsync();
}
