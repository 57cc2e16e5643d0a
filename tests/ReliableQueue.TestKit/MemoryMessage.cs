using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>One message of a <see cref="MemoryQueue"/> that was not acked.</summary>
internal sealed class MemoryMessage(MessageId id, ReadOnlyMemory<byte> envelope)
{
    public MessageId Id { get; } = id;

    public ReadOnlyMemory<byte> Envelope { get; } = envelope;

    /// <summary>Where it stands in line; the lowest is leased first.</summary>
    public long Place { get; set; }

    public long DueAt { get; private set; }

    public long Deadline { get; set; }

    public bool IsLeased { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>The kind of settlement its newest delivery ended with; null while it has none, and after the loss of its worker.</summary>
    public Type? SettledAs { get; private set; }

    public LeaseToken Token { get; private set; }

    public int Deliveries { get; set; }

    public int Losses { get; set; }

    public bool IsReady(long now) => !IsLeased && !IsDead && DueAt <= now;

    public bool IsScheduled(long now) => !IsLeased && !IsDead && DueAt > now;

    public void Lease(LeaseToken token, long deadline)
    {
        (IsLeased, SettledAs, Token, Deadline) = (true, null, token, deadline);
        Deliveries++;
    }

    public void Requeue(Settlement settlement, long dueAt, long place) => (IsLeased, SettledAs, DueAt, Place) = (false, settlement.GetType(), dueAt, place);

    public void Reclaim(long place) => (IsLeased, DueAt, Place) = (false, 0, place);

    public void Bury() => (IsLeased, IsDead, SettledAs) = (false, true, typeof(Settlement.DeadLetter));
}
