using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.State;

/// <summary>What is kept in memory of a record: enough to recall it. The whole record, with its payload, only while an earlier run's is still to be replayed.</summary>
internal sealed class RememberedRecord(long row, RecordKind kind, StateRecord record, DateTimeOffset at)
{
    public long Row => row;

    public RecordKind Kind => kind;

    /// <summary>When it was recorded, by the wall clock: what retention counts from.</summary>
    public DateTimeOffset At => at;

    public StateScope Scope { get; } = record.Scope;

    public HeldLease Lease { get; } = record.Lease;

    public int Generation { get; } = record.Generation;

    public RememberedFate Fate { get; } = RememberedFate.Of(record);

    public RecordStanding Standing { get; set; }
}
