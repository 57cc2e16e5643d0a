using ReliableQueue.Testing;
using ReliableQueue.Simulation.Queue;

namespace ReliableQueue.Simulation.Checking;

/// <summary>What the history has said so far about one message.</summary>
internal sealed class MessageTrail
{
    public bool IsAsked { get; set; }

    public bool IsAcknowledged { get; set; }

    public bool IsUnknown { get; set; }

    public bool IsCreated { get; private set; }

    /// <summary>How long it is to wait once it is stored, in ticks.</summary>
    public long Delay { get; set; }

    /// <summary>When it is due for its first delivery, by the one line of time.</summary>
    public long DueAt { get; private set; }

    public bool IsEnded { get; set; }

    /// <summary>The broker lost it with writes it had acknowledged.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Acknowledged to its producer, and neither ended nor lost by the broker itself.</summary>
    public bool IsLost => IsAcknowledged && !IsEnded && !IsCut;

    /// <summary>Ended, and kept as a dead letter.</summary>
    public bool IsDead { get; set; }

    /// <summary>The newest lease: its fence, and the run it was given to.</summary>
    public long Fence { get; set; }

    public int Run { get; set; }

    public bool IsLeased { get; set; }

    /// <summary>The newest lease that was taken away.</summary>
    public long TakenFence { get; set; }

    /// <summary>Leases so far, without those that were released.</summary>
    public int Counted { get; set; }

    /// <summary>The most deliveries ever counted: a worker remembers that it gave the message up, although the broker lost the count.</summary>
    public int MostCounted { get; set; }

    public int Successes { get; set; }

    public int Rejections { get; set; }

    /// <summary>The broker lost writes, and this message with them unless it says otherwise.</summary>
    public void Cut() => (IsCut, IsCreated, IsEnded, IsDead, IsLeased, Fence, Counted) = (true, false, false, false, false, 0, 0);

    /// <summary>What the broker has left of it after a loss.</summary>
    public void GoOnFrom(QueuedMessage left, int run)
    {
        (IsCut, IsCreated, IsEnded, IsDead, IsLeased) = (false, true, !left.IsLive, left.IsDead, left.IsLeased);
        (Fence, Run, Counted) = (left.Token.Fence, run, left.Deliveries);
        DueAt = Math.Min(DueAt, left.DueAt);
    }

    /// <summary>Stored, for the first time or again after the loss.</summary>
    public void Store(long now) => (IsCut, IsCreated, DueAt) = (false, true, now + Delay);
}
