namespace ReliableQueue.Simulation.Checking;

/// <summary>What the history has said so far about one message.</summary>
internal sealed class MessageTrail
{
    public bool IsAsked { get; set; }

    public bool IsAcknowledged { get; set; }

    public bool IsUnknown { get; set; }

    public bool IsCreated { get; set; }

    public bool IsEnded { get; set; }

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

    public int Successes { get; set; }

    public int Rejections { get; set; }
}
