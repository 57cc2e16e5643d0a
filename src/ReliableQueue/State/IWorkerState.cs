using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>
/// What a worker remembers across its own death. What is recorded is synced to disk when the task completes (concurrent records share one sync); what is
/// confirmed may be forgotten by a crash, which costs one harmless replay.
/// </summary>
internal interface IWorkerState : IAsyncDisposable
{
    /// <summary>Null while the file can be written; otherwise what is wrong. A worker leases nothing while it is not null.</summary>
    string? Fault { get; }

    /// <summary>Commits this run's session, before its first lease, and names every earlier one not confirmed returned.</summary>
    Task<IReadOnlyList<EarlierSession>> BeginSessionAsync(StateScope scope, SessionId session);

    /// <summary>Notes that the broker has taken back all a session held (or that it held nothing at its end).</summary>
    Task EndSessionAsync(StateScope scope, SessionId session);

    /// <summary>The broker's epoch as last noted for the scope; null when none was.</summary>
    long? EpochOf(StateScope scope);

    /// <summary>Notes the broker's epoch.</summary>
    Task NoteEpochAsync(StateScope scope, long epoch);

    /// <summary>Notes the highest answered lease call, for the start of the next run. Not synced on its own.</summary>
    void NoteLastCall(StateScope scope, SessionId session, long number);

    /// <summary>Makes records durable, all or none. Throws <see cref="StateFileException"/> when they could not be.</summary>
    Task RecordAsync(StateScope scope, IReadOnlyList<StateRecord> records);

    /// <summary>
    /// Notes what the broker answered. Settled and already: the record is done with, but a rejection or completion is still remembered. Stale: an unsent settlement is
    /// done with; a completion is kept, as the message may come back here.
    /// </summary>
    void Confirm(StateScope scope, HeldLease lease, SettleResult result);

    /// <summary>What earlier runs recorded for the scope and the broker has not confirmed, in the order recorded.</summary>
    IReadOnlyList<StateRecord> Unconfirmed(StateScope scope);

    /// <summary>How the message in this generation ended here before: acked or dead-lettered; null when nothing is remembered. From memory, never from disk.</summary>
    Settlement? Recall(StateScope scope, MessageId message, int generation);

    /// <summary>Tries to write, and clears <see cref="Fault"/> when it succeeds. Does not throw when it fails: then <see cref="Fault"/> says why.</summary>
    Task ProbeAsync();
}

/// <summary>A run that ended without confirming that it holds nothing any more.</summary>
/// <param name="Session">Its session; what it holds is returned at start.</param>
/// <param name="LastCall">The highest lease call the run noted as answered; the broker remembering a lower one has lost writes. 0: none noted.</param>
/// <param name="SeenAt">When that call was noted, or the session begun, by the clock of this machine.</param>
internal sealed record EarlierSession(SessionId Session, long LastCall, DateTimeOffset SeenAt);
