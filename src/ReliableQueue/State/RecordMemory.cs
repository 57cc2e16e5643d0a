using System.Diagnostics;
using ReliableQueue.Broker;
using ReliableQueue.Messages;

namespace ReliableQueue.State;

/// <summary>The replay rules: what is recalled, what is replayed, what is forgotten. Pure: no file, no clock, no lock.</summary>
internal sealed class RecordMemory(StateRetention retention)
{
    private readonly Dictionary<(StateScope Scope, MessageId Message, int Generation), RememberedRecord> fates = [];
    private readonly Dictionary<(StateScope Scope, HeldLease Lease), List<RememberedRecord>> open = [];
    private readonly SortedDictionary<long, StateRecord> replays = [];
    private readonly RetainedRecords rejections = new(retention.RejectionAge, retention.RejectionCount);
    private readonly RetainedRecords completions = new(retention.CompletionAge, retention.CompletionCount);

    public void Add(RememberedRecord record)
    {
        if (record.Kind != RecordKind.Unsent)
        {
            fates[(record.Scope, record.Lease.Message, record.Generation)] = record;
            RetainedOf(record.Kind).Add();
        }

        if (record.Standing != RecordStanding.Open)
        {
            RetainedOf(record.Kind).Answered(record);
        }
        else if (open.TryGetValue((record.Scope, record.Lease), out var siblings))
        {
            siblings.Add(record);
        }
        else
        {
            open.Add((record.Scope, record.Lease), [record]);
        }
    }

    /// <summary>Adds what an earlier run recorded and the broker has not answered.</summary>
    public void AddReplay(RememberedRecord record, StateRecord whole)
    {
        Add(record);
        replays.Add(record.Row, whole);
    }

    public IReadOnlyList<StateRecord> Unconfirmed(StateScope scope) => [.. replays.Values.Where(each => each.Scope == scope)];

    public RememberedFate? Recall(StateScope scope, MessageId message, int generation) =>
        fates.GetValueOrDefault((scope, message, generation))?.Fate;

    /// <summary>Applies the broker's answer to all that is recorded about the lease, and says which rows change.</summary>
    public IReadOnlyList<RowChange> Confirm(StateScope scope, HeldLease lease, SettleResult result)
    {
        if (!open.Remove((scope, lease), out var records))
        {
            return [];
        }

        var changes = new List<RowChange>(records.Count);
        foreach (var record in records)
        {
            replays.Remove(record.Row);
            record.Standing = result == SettleResult.Stale ? RecordStanding.Stale : RecordStanding.Settled;
            if (record.Kind == RecordKind.Unsent)
            {
                changes.Add(new RowChange(StateTable.Records, record.Row, null));
                continue;
            }

            RetainedOf(record.Kind).Answered(record);
            changes.Add(new RowChange(StateTable.Answers, record.Row, [(long)record.Standing]));
        }

        return changes;
    }

    /// <summary>Forgets up to <paramref name="most"/> records that are too old or too many, and says which rows go.</summary>
    public IReadOnlyList<RowChange> Prune(DateTimeOffset now, int most)
    {
        List<RowChange> changes = [];
        while (changes.Count < 2 * most && (rejections.TakeSurplus(now) ?? completions.TakeSurplus(now)) is { } record)
        {
            var key = (record.Scope, record.Lease.Message, record.Generation);
            if (fates.TryGetValue(key, out var newest) && newest == record)
            {
                fates.Remove(key);
            }

            changes.Add(new RowChange(StateTable.Records, record.Row, null));
            changes.Add(new RowChange(StateTable.Answers, record.Row, null));
        }

        return changes;
    }

    private RetainedRecords RetainedOf(RecordKind kind) => kind switch
    {
        RecordKind.Rejection => rejections,
        RecordKind.Completion => completions,
        _ => throw new UnreachableException("Only rejections and completions are retained."),
    };
}
