using ReliableQueue.Broker;

namespace ReliableQueue.TestKit;

/// <summary>One message of a <see cref="MemoryQueue"/> that has not ended.</summary>
internal sealed class MemoryMessage(MessageId id, ReadOnlyMemory<byte> envelope)
{
    public MessageId Id { get; } = id;

    public ReadOnlyMemory<byte> Envelope { get; } = envelope;

    /// <summary>Where it stands in line; the lowest is leased first.</summary>
    public long Place { get; set; }

    public long DueAt { get; private set; }

    public long Deadline { get; set; }

    public bool IsLeased { get; private set; }

    /// <summary>Whether its last delivery ended by a settlement rather than by the loss of its worker.</summary>
    public bool IsSettled { get; private set; }

    public LeaseToken Token { get; private set; }

    public int Deliveries { get; set; }

    public int Losses { get; set; }

    public bool IsReady(long now) => !IsLeased && DueAt <= now;

    public void Lease(LeaseToken token, long deadline)
    {
        (IsLeased, IsSettled, Token, Deadline) = (true, false, token, deadline);
        Deliveries++;
    }

    public void Requeue(long dueAt, long place) => (IsLeased, IsSettled, DueAt, Place) = (false, true, dueAt, place);

    public void Reclaim(long place) => (IsLeased, DueAt, Place) = (false, 0, place);
}
