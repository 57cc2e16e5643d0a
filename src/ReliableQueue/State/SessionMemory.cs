using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>
/// A row of <see cref="StateTable.Sessions"/>: a session that has not been confirmed returned. Seen: when its last call was noted, because a run may last longer than
/// anything is remembered.
/// </summary>
internal sealed record SessionRow(long Row, StateScope Scope, SessionId Session, long LastCall, DateTimeOffset SeenAt, bool IsEarlier)
{
    public object?[] Columns => [Scope.Broker, Scope.Queue.Value, Session.Value, LastCall, SeenAt.UtcTicks];

    /// <summary>Reads a row of an earlier run; null when it is not one this version can have written.</summary>
    public static SessionRow? Read(long row, object?[] columns) =>
        columns is [string broker, string queue, long session, long lastCall, long seenAt and >= 0]
        && seenAt <= DateTimeOffset.MaxValue.UtcTicks && StateScope.Of(broker, queue) is { } scope
            ? new SessionRow(row, scope, new SessionId(session), lastCall, new DateTimeOffset(seenAt, TimeSpan.Zero), IsEarlier: true)
            : null;
}

/// <summary>Sessions and epochs. Pure: no file, no clock, no lock.</summary>
internal sealed class SessionMemory
{
    private readonly Dictionary<(StateScope Scope, SessionId Session), SessionRow> sessions = [];
    private readonly Dictionary<StateScope, (long Row, long Epoch)> epochs = [];
    private readonly HashSet<(StateScope Scope, SessionId Session)> noted = [];

    /// <summary>Whether a call number waits to be written.</summary>
    public bool HasNotedCalls => noted.Count > 0;

    public void Put(SessionRow session) => sessions[(session.Scope, session.Session)] = session;

    public void PutEpoch(StateScope scope, long row, long epoch) => epochs[scope] = (row, epoch);

    public void Remove(StateScope scope, SessionId session)
    {
        sessions.Remove((scope, session));
        noted.Remove((scope, session));
    }

    public SessionRow? Find(StateScope scope, SessionId session) => sessions.GetValueOrDefault((scope, session));

    public (long Row, long Epoch)? EpochOf(StateScope scope) => epochs.TryGetValue(scope, out var epoch) ? epoch : null;

    /// <summary>Only sessions of earlier runs: one begun by this run may still have handlers running.</summary>
    public IReadOnlyList<EarlierSession> Earlier(StateScope scope) =>
        [.. sessions.Values.Where(each => each.IsEarlier && each.Scope == scope).OrderBy(each => each.Row)
            .Select(each => new EarlierSession(each.Session, each.LastCall, each.SeenAt))];

    public void NoteLastCall(StateScope scope, SessionId session, long number, DateTimeOffset now)
    {
        // Answers may be noted out of order; only the highest tells whether the broker has lost one.
        if (Find(scope, session) is { } known && number > known.LastCall)
        {
            Put(known with { LastCall = number, SeenAt = now });
            noted.Add((scope, session));
        }
    }

    public IReadOnlyList<RowChange> TakeNotedCalls()
    {
        RowChange[] changes = [.. noted.Select(key => sessions[key]).Select(each => new RowChange(StateTable.Sessions, each.Row, each.Columns))];
        noted.Clear();
        return changes;
    }
}
