using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>One caller's write: which rows it puts into the file, and what is true in memory once they are there. Pure but for the task its caller waits for.</summary>
/// <param name="prepare">Chooses the rows. Called once, when the write's turn has come.</param>
/// <param name="apply">Called after the commit.</param>
internal sealed class StateWrite(Func<StateMemory, IReadOnlyList<RowChange>> prepare, Action<StateMemory> apply)
{
    // Continuations run elsewhere: a caller must not hold up the next commit.
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => done.Task;

    public static StateWrite BeginSession(StateScope scope, SessionId session, TimeProvider time)
    {
        SessionRow? begun = null;
        return new StateWrite(
            known =>
            {
                var earlier = known.Sessions.Find(scope, session);
                begun = earlier ?? new SessionRow(known.NextRow(StateTable.Sessions), scope, session, 0, time.GetUtcNow(), IsEarlier: false);
                return [new RowChange(StateTable.Sessions, begun.Row, begun.Columns) { IsNew = earlier is null }];
            },
            known => known.Sessions.Put(begun ?? throw new InvalidOperationException("Applied before it was prepared.")));
    }

    public static StateWrite EndSession(StateScope scope, SessionId session) => new(
        known => known.Sessions.Find(scope, session) is { } ended ? [new RowChange(StateTable.Sessions, ended.Row, null)] : [],
        known => known.Sessions.Remove(scope, session));

    public static StateWrite NoteEpoch(StateScope scope, long epoch)
    {
        var row = 0L;
        return new StateWrite(
            known =>
            {
                var earlier = known.Sessions.EpochOf(scope)?.Row;
                row = earlier ?? known.NextRow(StateTable.Epochs);
                return [new RowChange(StateTable.Epochs, row, [scope.Broker, scope.Queue.Value, epoch]) { IsNew = earlier is null }];
            },
            known => known.Sessions.PutEpoch(scope, row, epoch));
    }

    public static StateWrite Record(StateScope scope, IReadOnlyList<StateRecord> records, TimeProvider time)
    {
        List<RecordRow> rows = [];
        return new StateWrite(
            known =>
            {
                var changes = new List<RowChange>(records.Count);
                foreach (var record in records)
                {
                    var row = RecordRow.Of(known.NextRow(StateTable.Records), scope, record, time.GetUtcNow());
                    rows.Add(row);
                    changes.Add(new RowChange(StateTable.Records, row.Row, row.ColumnsOf(record)) { IsNew = true });
                }

                return changes;
            },
            known => rows.ForEach(known.Records.Add));
    }

    /// <summary>Shows whether there is room: always a new row, as a changed one would fit on a full disk. It goes with the next write.</summary>
    /// <param name="length">How many bytes there must be room for.</param>
    public static StateWrite Probe(int length)
    {
        var (row, room) = (0L, new byte[length]);
        return new StateWrite(
            known => [new RowChange(StateTable.Probes, row = known.NextRow(StateTable.Probes), [room]) { IsNew = true }],
            known => known.Later([new RowChange(StateTable.Probes, row, null)]));
    }

    public IReadOnlyList<RowChange> Prepare(StateMemory memory) => prepare(memory);

    public void Apply(StateMemory memory) => apply(memory);

    public void Complete() => done.TrySetResult();

    public void Fail(Exception exception) => done.TrySetException(exception);
}
