using ReliableQueue.Broker;

namespace ReliableQueue.Simulation.Queue;

/// <summary>One message as the modelled broker keeps it, its end included.</summary>
internal sealed class QueuedMessage(MessageId id, ReadOnlyMemory<byte> envelope)
{
    public MessageId Id { get; } = id;

    public ReadOnlyMemory<byte> Envelope { get; } = envelope;

    /// <summary>Where it stands in line; the lowest is leased first.</summary>
    public long Place { get; set; }

    public long DueAt { get; set; }

    public long Deadline { get; set; }

    public bool IsLeased { get; set; }

    /// <summary>The settlement its newest delivery ended with; null while it has none, and after the loss of its worker.</summary>
    public Settlement? SettledBy { get; set; }

    public bool IsGone { get; set; }

    public bool IsDead { get; set; }

    public LeaseToken Token { get; set; }

    public int Deliveries { get; set; }

    public int Losses { get; set; }

    public bool IsLive => !IsGone && !IsDead;

    public QueuedMessage Clone() => (QueuedMessage)MemberwiseClone();

    public bool IsReady(long now) => IsLive && !IsLeased && DueAt <= now;

    public void Reclaim(long place) => (IsLeased, DueAt, Place, SettledBy) = (false, 0, place, null);
}
