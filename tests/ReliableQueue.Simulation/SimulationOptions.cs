using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation;

/// <summary>What one seed expands to: everything that is decided before anything happens. Printed with every failure.</summary>
internal sealed record SimulationOptions
{
    private static readonly TimeSpan None = TimeSpan.Zero;

    public SimulationOptions(Chance chance)
    {
        Workers = chance.Between(2, 4);
        Messages = chance.Between(4, 28);
        Faults = TimeSpan.FromSeconds(chance.Between(40, 90));
        VisibilityTimeout = TimeSpan.FromSeconds(chance.Pick(2, 3, 5, 8));
        PollInterval = TimeSpan.FromMilliseconds(chance.Pick(250, 1000, 1000));
        Concurrency = chance.Between(1, 4);
        MaxDeliveries = chance.Between(3, 6);
        RetryDelay = TimeSpan.FromMilliseconds(chance.Pick(100, 1000, 3000));
        HandlerTimeout = chance.Hit(0.5) ? TimeSpan.FromSeconds(chance.Between(2, 8)) : null;
        DrainTimeout = TimeSpan.FromSeconds(chance.Between(1, 6));
        JournalCompletions = chance.Hit(0.5);
        Shuffles = chance.Hit(0.5);
        CallTimeout = TimeSpan.FromMilliseconds(chance.Pick(500, 1000, 2000));
        LostRequests = chance.Hit(0.6) ? chance.Pick(0.02, 0.1, 0.25) : 0;
        LostReplies = chance.Hit(0.6) ? chance.Pick(0.02, 0.1, 0.25) : 0;
        HeldRequests = chance.Hit(0.5) ? chance.Pick(0.01, 0.05, 0.2) : 0;
        RefusedRequests = chance.Hit(0.3) ? 0.05 : 0;
        SlowReplies = chance.Hit(0.5) ? chance.Pick(0.1, 0.5) : 0;
        LostRenewals = chance.Hit(0.4) ? chance.Pick(0.1, 0.5, 0.9) : 0;
        Crashes = Mean(chance, 0.7, 4, 15);
        PowerLosses = Mean(chance, 0.3, 10, 30);
        ShortPauses = Mean(chance, 0.5, 4, 15);
        LongPauses = Mean(chance, 0.5, 6, 25);
        Stops = Mean(chance, 0.5, 8, 25);
        Outages = Mean(chance, 0.4, 10, 30);
        Partitions = Mean(chance, 0.4, 8, 25);
        WallJumps = Mean(chance, 0.3, 5, 20);
        DiskFaults = Mean(chance, 0.2, 10, 30);
        Rollbacks = Mean(chance, 0.08, 20, 40);
        LostMachines = chance.Hit(0.3) ? 0.2 : 0;
        DriftPartsPerMillion = chance.Hit(0.3) ? 10_000 : 0;
        StrangeHandlers = chance.Pick(0.1, 0.3, 0.6);
        Poison = chance.Hit(0.3) ? 0.1 : 0;
    }

    public int Workers { get; init; }

    public int Messages { get; init; }

    /// <summary>How long faults are injected; then everything heals.</summary>
    public TimeSpan Faults { get; init; }

    public TimeSpan VisibilityTimeout { get; init; }

    public TimeSpan PollInterval { get; init; }

    public int Concurrency { get; init; }

    public int MaxDeliveries { get; init; }

    public TimeSpan RetryDelay { get; init; }

    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan? HandlerTimeout { get; init; }

    public TimeSpan HandlerGrace { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan DrainTimeout { get; init; }

    public bool JournalCompletions { get; init; }

    /// <summary>Whether the tasks of a process run in an order of chance.</summary>
    public bool Shuffles { get; init; }

    public TimeSpan CallTimeout { get; init; }

    /// <summary>Never executed.</summary>
    public double LostRequests { get; init; }

    /// <summary>Executed, never answered.</summary>
    public double LostReplies { get; init; }

    /// <summary>Executed seconds to minutes later, when the caller has long given up.</summary>
    public double HeldRequests { get; init; }

    /// <summary>Certainly not executed, and the caller is told.</summary>
    public double RefusedRequests { get; init; }

    public double SlowReplies { get; init; }

    public double LostRenewals { get; init; }

    // Of each kind of fault the mean time between two; zero: it does not happen.
    public TimeSpan Crashes { get; init; }

    public TimeSpan PowerLosses { get; init; }

    public TimeSpan ShortPauses { get; init; }

    public TimeSpan LongPauses { get; init; }

    public TimeSpan Stops { get; init; }

    public TimeSpan Outages { get; init; }

    /// <summary>One worker is cut off.</summary>
    public TimeSpan Partitions { get; init; }

    public TimeSpan WallJumps { get; init; }

    public TimeSpan DiskFaults { get; init; }

    /// <summary>The broker loses writes it had acknowledged, some or all.</summary>
    public TimeSpan Rollbacks { get; init; }

    /// <summary>The share of deaths after which a machine never comes back; the first one always does.</summary>
    public double LostMachines { get; init; }

    /// <summary>By how much the monotonic clocks of the workers may differ from the broker's.</summary>
    public int DriftPartsPerMillion { get; init; }

    /// <summary>The share of messages whose handler does not simply succeed.</summary>
    public double StrangeHandlers { get; init; }

    /// <summary>The share of messages that kill their worker.</summary>
    public double Poison { get; init; }

    /// <summary>Within this time after the faults every acknowledged message must have ended.</summary>
    public TimeSpan LongestDrain =>
        (MaxDeliveries * ((2 * VisibilityTimeout) + LongestHandler + MaxRetryDelay + TimeSpan.FromSeconds(5)) * Math.Max(1, Messages / (double)Concurrency))
        + TimeSpan.FromMinutes(2);

    public TimeSpan LongestHandler => (3 * VisibilityTimeout) + TimeSpan.FromSeconds(2);

    private static TimeSpan Mean(Chance chance, double probability, int least, int most) =>
        chance.Hit(probability) ? TimeSpan.FromSeconds(chance.Between(least, most)) : None;
}
