using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.State;

namespace ReliableQueue.Tests.Worker;

/// <summary>A worker's state that lives as long as the test: handing the same one to a second worker is a restart.</summary>
internal sealed class MemoryState : IWorkerState
{
    private readonly List<(StateScope Scope, SessionId Session, long LastCall)> sessions = [];
    private readonly List<(StateScope Scope, StateRecord Record, bool IsConfirmed)> records = [];
    private readonly Dictionary<StateScope, long> epochs = [];

    /// <summary>What every write throws while it is set.</summary>
    public StateFileException? Broken { get; set; }

    public string? Fault { get; set; }

    public IReadOnlyList<StateRecord> Records => [.. records.Select(row => row.Record)];

    public IReadOnlyList<SessionId> OpenSessions => [.. sessions.Select(row => row.Session)];

    public async Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(StateScope scope, SessionId session)
    {
        await WriteAsync();
        List<EarlierSession> earlier = [.. sessions.Where(row => row.Scope == scope).Select(row => new EarlierSession(row.Session, row.LastCall, SeenAt: DateTimeOffset.MaxValue))];
        sessions.Add((scope, session, 0));
        return earlier;
    }

    public async Task EndSessionAsync(StateScope scope, SessionId session)
    {
        await WriteAsync();
        sessions.RemoveAll(row => row.Scope == scope && row.Session == session);
    }

    public long? EpochOf(StateScope scope) => epochs.TryGetValue(scope, out var epoch) ? epoch : null;

    public async Task NoteEpochAsync(StateScope scope, long epoch)
    {
        await WriteAsync();
        epochs[scope] = epoch;
    }

    public void NoteLastCall(StateScope scope, SessionId session, long number)
    {
        var index = sessions.FindIndex(row => row.Scope == scope && row.Session == session);
        if (index >= 0)
        {
            sessions[index] = (scope, session, number);
        }
    }

    public async Task RecordAsync(StateScope scope, IReadOnlyList<StateRecord> records)
    {
        await WriteAsync();
        this.records.AddRange(records.Select(record => (scope, record, false)));
    }

    public void Confirm(StateScope scope, HeldLease lease, SettleResult result)
    {
        for (var index = 0; index < records.Count; index++)
        {
            if (records[index].Scope == scope && records[index].Record.Lease == lease)
            {
                records[index] = records[index] with { IsConfirmed = true };
            }
        }
    }

    public IReadOnlyList<StateRecord> Unconfirmed(StateScope scope) => [.. records.Where(row => !row.IsConfirmed && row.Scope == scope).Select(row => row.Record)];

    public Settlement? Recall(StateScope scope, MessageId message, int generation) =>
        records.Where(row => row.Scope == scope && row.Record is not StateRecord.Unsent && row.Record.Lease.Message == message && row.Record.Generation == generation)
            .Select(row => row.Record.Settlement).FirstOrDefault();

    public Task ProbeAsync()
    {
        Fault = Broken?.Message;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task WriteAsync()
    {
        if (Broken is { } broken)
        {
            Fault = broken.Message;
            throw broken;
        }

        return Task.CompletedTask;
    }
}
