using ReliableQueue.Simulation.Workers;

namespace ReliableQueue.Simulation.Checking;

/// <summary>What the history has said so far about one queue of one run of a worker.</summary>
internal sealed class RunTrail(int worker)
{
    /// <summary>The worker, and on which of its queues.</summary>
    public int Worker { get; } = worker;

    public int Queue => Worker / Machine.LineOf(0, 1);

    /// <summary>The broker was told that the run is over: its session leases no more.</summary>
    public bool IsReturned { get; set; }

    /// <summary>The state file has forgotten the run: nobody will ever return what it holds.</summary>
    public bool IsForgotten { get; set; }

    public bool IsDead { get; set; }

    /// <summary>It began before the broker lost writes: calls of it that were done may be done again, and their leases be known to nobody.</summary>
    public bool IsOfBeforeALoss { get; private set; }

    /// <summary>Its row in the state file was damaged: its successor knows nothing of it.</summary>
    public bool IsUnknown { get; set; }

    public bool HasStalled { get; set; }

    public long? StopAskedAt { get; set; }

    /// <summary>The messages whose handlers run, and under which lease.</summary>
    public Dictionary<int, (bool IsSuspect, long Fence)> Running { get; } = [];

    /// <summary>The broker lost writes: that the session was returned may be among them.</summary>
    public void OutliveALoss() => (IsOfBeforeALoss, IsReturned, IsForgotten) = (true, false, false);
}
