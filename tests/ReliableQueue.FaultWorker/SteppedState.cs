using ReliableQueue.Broker;
using ReliableQueue.State;
using ReliableQueue.Storage;
using SQLitePCL;

namespace ReliableQueue.FaultWorker;

/// <summary>The state file, with a step before and after everything it is told, and one inside each of its transactions.</summary>
internal sealed class SteppedState : IWorkerState
{
    private readonly Journal inner;
    private readonly Steps steps;
    private readonly EffectLog effects;
    private MessageId? recording;

    /// <param name="file">The file.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="effects">Where it says what is on disk.</param>
    /// <param name="fullWhile">While a file of this name exists, every write finds the disk full, where none can be made full.</param>
    public SteppedState(StateFile file, Steps steps, EffectLog effects, string? fullWhile)
    {
        (inner, this.steps, this.effects) = (file.Journal, steps, effects);
        file.OnTransaction = _ =>
        {
            steps.Take(recording is null ? Killed.WhileWriting : Killed.WhileRecording, recording ?? default);
            if (File.Exists(fullWhile))
            {
                throw new SqliteFailure(raw.SQLITE_FULL, "database or disk is full");
            }
        };
    }

    public string? Fault => inner.Fault;

    public async Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(StateScope scope, SessionId session)
    {
        steps.Take(Killed.BeforeTheSession);
        var earlier = await inner.BeginSessionAsync(scope, session);
        steps.Take(Killed.AfterTheSession);
        return earlier;
    }

    public async Task EndSessionAsync(StateScope scope, SessionId session)
    {
        steps.Take(Killed.BeforeTheEnd);
        await inner.EndSessionAsync(scope, session);
        steps.Take(Killed.AfterTheEnd);
    }

    public long? EpochOf(StateScope scope) => inner.EpochOf(scope);

    public Task NoteEpochAsync(StateScope scope, long epoch) => inner.NoteEpochAsync(scope, epoch);

    public void NoteLastCall(StateScope scope, SessionId session, long number) => inner.NoteLastCall(scope, session, number);

    public async Task RecordAsync(StateScope scope, IReadOnlyList<StateRecord> records)
    {
        var message = records[0].Lease.Message;
        steps.Take(Killed.BeforeTheRecord, message);
        recording = message;
        await inner.RecordAsync(scope, records);
        recording = null;
        foreach (var kept in records.Where(record => record is StateRecord.Rejection or StateRecord.Completion))
        {
            effects.WriteRecord(kept.Lease.Message, kept.Lease.Token.Fence);
        }

        steps.Take(Killed.AfterTheRecord, message);
    }

    public void Confirm(StateScope scope, HeldLease lease, SettleResult result)
    {
        steps.Take(Killed.BeforeTheMark, lease.Message);
        inner.Confirm(scope, lease, result);
        steps.Take(Killed.AfterTheMark, lease.Message);
    }

    public IReadOnlyList<StateRecord> Unconfirmed(StateScope scope) => inner.Unconfirmed(scope);

    public Settlement? Recall(StateScope scope, MessageId message, int generation) => inner.Recall(scope, message, generation);

    public Task ProbeAsync() => inner.ProbeAsync();

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
