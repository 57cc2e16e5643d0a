using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>How long a worker remembers. What the broker has not confirmed is not counted out, only aged out.</summary>
internal sealed record StateRetention(TimeSpan RejectionAge, int RejectionCount, TimeSpan CompletionAge, int CompletionCount)
{
    public static StateRetention Default { get; } = new(TimeSpan.FromDays(30), 50_000, TimeSpan.FromDays(7), 100_000);

    /// <summary>Sessions and unsent settlements: no lease lives longer than half a day, so after this nobody waits for them.</summary>
    public TimeSpan OtherAge => RejectionAge;

    public TimeSpan AgeOf(RecordRow record) => record.IsCompletion ? CompletionAge : RejectionAge;
}

/// <summary>The replay rules: what is recalled, what is replayed, what is forgotten. Pure: no file, no clock, no lock.</summary>
internal sealed class RecordMemory(StateRetention retention)
{
    private readonly Dictionary<(StateScope Scope, MessageId Message, int Generation), RecordRow> ended = [];
    private readonly Dictionary<(StateScope Scope, HeldLease Lease), List<RecordRow>> open = [];
    private readonly SortedDictionary<long, (StateScope Scope, StateRecord Record)> replays = [];
    private readonly Kept rejections = new(retention.RejectionAge, retention.RejectionCount);
    private readonly Kept completions = new(retention.CompletionAge, retention.CompletionCount);

    public void Add(RecordRow record)
    {
        if (!record.IsUnsent)
        {
            ended[(record.Scope, record.Lease.Message, record.Generation)] = record;
            KeptOf(record).Add();
        }

        if (record.Answer is not null)
        {
            KeptOf(record).Answered(record);
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
    public void AddReplay(RecordRow record, StateRecord whole)
    {
        Add(record);
        replays.Add(record.Row, (record.Scope, whole));
    }

    public IReadOnlyList<StateRecord> Unconfirmed(StateScope scope) => [.. replays.Values.Where(each => each.Scope == scope).Select(each => each.Record)];

    /// <summary>How the message ended here in this generation; null when nothing is remembered of it.</summary>
    public Settlement? Recall(StateScope scope, MessageId message, int generation) => ended.GetValueOrDefault((scope, message, generation))?.Recalled;

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
            record.Answer = result;
            if (record.IsUnsent)
            {
                changes.Add(new RowChange(StateTable.Records, record.Row, null));
                continue;
            }

            KeptOf(record).Answered(record);
            changes.Add(new RowChange(StateTable.Answers, record.Row, RecordRow.ColumnsOf(result)));
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
            if (ended.TryGetValue(key, out var newest) && newest == record)
            {
                ended.Remove(key);
            }

            changes.Add(new RowChange(StateTable.Records, record.Row, null));
            changes.Add(new RowChange(StateTable.Answers, record.Row, null));
        }

        return changes;
    }

    private Kept KeptOf(RecordRow record) => record.IsCompletion ? completions : rejections;

    /// <summary>
    /// Which answered records of one kind to forget next. Those the broker settled are forgotten before those it called stale, because the message of a stale one may still
    /// be delivered here. Those it has not answered are forgotten at the next start, and by their age alone.
    /// </summary>
    private sealed class Kept(TimeSpan age, int count)
    {
        private readonly Queue<RecordRow> settled = new();
        private readonly Queue<RecordRow> stale = new();
        private int total;

        public void Add() => total++;

        public void Answered(RecordRow record) => (record.Answer == SettleResult.Stale ? stale : settled).Enqueue(record);

        /// <summary>Takes one that is too old or too many; null when none is.</summary>
        public RecordRow? TakeSurplus(DateTimeOffset now) => TakeSurplus(settled, now - age) ?? TakeSurplus(stale, now - age);

        private RecordRow? TakeSurplus(Queue<RecordRow> from, DateTimeOffset oldest)
        {
            if (!from.TryPeek(out var record) || (total <= count && record.At >= oldest))
            {
                return null;
            }

            total--;
            return from.Dequeue();
        }
    }
}
