using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>The writes a worker's state knows: which rows each of them puts into the file, and what is true once they are there. Pure: no file, no clock, no lock.</summary>
internal static class StateWrites
{
    public static StateWrite BeginSession(StateScope scope, SessionId session, TimeProvider time)
    {
        RememberedSession? begun = null;
        return new StateWrite(
            known =>
            {
                begun = known.Sessions.Find(scope, session)
                    ?? new RememberedSession(known.NextRow(StateTable.Sessions), scope, session, 0, time.GetUtcNow(), IsEarlier: false);
                return [new RowChange(StateTable.Sessions, begun.Row, begun.Columns)];
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
                row = known.Sessions.EpochOf(scope)?.Row ?? known.NextRow(StateTable.Epochs);
                return [new RowChange(StateTable.Epochs, row, [scope.Broker, scope.Queue.Value, epoch])];
            },
            known => known.Sessions.PutEpoch(scope, row, epoch));
    }

    public static StateWrite Record(IReadOnlyList<StateRecord> records, TimeProvider time)
    {
        List<RememberedRecord> remembered = [];
        return new StateWrite(
            known =>
            {
                List<RowChange> changes = [];
                foreach (var record in records)
                {
                    var at = RecordRow.TimeOf(record, time.GetUtcNow());
                    var row = known.NextRow(StateTable.Records);
                    remembered.Add(new RememberedRecord(row, RecordRow.KindOf(record), record, at));
                    changes.Add(new RowChange(StateTable.Records, row, RecordRow.Write(record, at)));
                }

                return changes;
            },
            known => remembered.ForEach(known.Records.Add));
    }

    /// <summary>Shows whether there is room: always a new row, as a changed one would fit on a full disk. It goes with the next write.</summary>
    /// <param name="length">How many bytes there must be room for.</param>
    public static StateWrite Probe(int length)
    {
        var (row, room) = (0L, new byte[length]);
        return new StateWrite(
            known => [new RowChange(StateTable.Probes, row = known.NextRow(StateTable.Probes), [room])],
            known => known.Later([new RowChange(StateTable.Probes, row, null)]));
    }
}
