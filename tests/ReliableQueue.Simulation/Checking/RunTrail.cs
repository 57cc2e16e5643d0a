namespace ReliableQueue.Simulation.Checking;

/// <summary>What the history has said so far about one run of a worker.</summary>
internal sealed class RunTrail(int worker)
{
    public int Worker { get; } = worker;

    /// <summary>The broker was told that the run is over: its session leases no more.</summary>
    public bool IsReturned { get; set; }

    /// <summary>The state file has forgotten the run: nobody will ever return what it holds.</summary>
    public bool IsForgotten { get; set; }

    public bool IsDead { get; set; }

    public long? StopAskedAt { get; set; }

    /// <summary>The messages whose handlers run, and whether each is a suspect.</summary>
    public Dictionary<int, bool> Running { get; } = [];
}
