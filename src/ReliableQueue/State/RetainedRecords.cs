namespace ReliableQueue.State;

/// <summary>
/// Which answered records of one kind to forget next. Those the broker settled go before those it called stale, because a stale one is known to be still about;
/// those it has not answered are never counted out.
/// </summary>
internal sealed class RetainedRecords(TimeSpan age, int count)
{
    private readonly Queue<RememberedRecord> settled = new();
    private readonly Queue<RememberedRecord> stale = new();
    private int total;

    public void Add() => total++;

    public void Answered(RememberedRecord record) => (record.Standing == RecordStanding.Stale ? stale : settled).Enqueue(record);

    /// <summary>Takes one that is too old or too many; null when none is.</summary>
    public RememberedRecord? TakeSurplus(DateTimeOffset now)
    {
        var oldest = now - age;
        if (((settled.TryPeek(out var record) && (total > count || record.At < oldest)) && settled.TryDequeue(out record))
            || ((stale.TryPeek(out record) && (total > count || record.At < oldest)) && stale.TryDequeue(out record)))
        {
            total--;
            return record;
        }

        return null;
    }
}
