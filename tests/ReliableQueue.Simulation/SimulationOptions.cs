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
        SecondQueue = chance.Hit(0.3);
        Stalls = Mean(chance, 0.3, 5, 20);
        DamagedFiles = Mean(chance, 0.15, 8, 25);
    }

    /// <summary>The parts of a setup that can be left out, one by one, to see which of them a failure needs.</summary>
    public static IReadOnlyList<string> FaultClasses { get; } =
    [
        nameof(SecondQueue), nameof(Shuffles), nameof(LostRequests), nameof(LostReplies), nameof(HeldRequests), nameof(RefusedRequests), nameof(SlowReplies), nameof(LostRenewals),
        nameof(Crashes), nameof(PowerLosses), nameof(ShortPauses), nameof(LongPauses), nameof(Stalls), nameof(Stops), nameof(Outages), nameof(Partitions), nameof(WallJumps),
        nameof(DiskFaults), nameof(DamagedFiles), nameof(Rollbacks), nameof(LostMachines), nameof(DriftPartsPerMillion), nameof(StrangeHandlers), nameof(Poison),
    ];

    public int Workers { get; init; }

    public int Messages { get; init; }

    /// <summary>How long faults are injected; then everything heals.</summary>
    public TimeSpan Faults { get; init; }

    /// <summary>The last few messages, which come after the faults and run while tasks are blocked.</summary>
    public int TrialMessages => Stalls > TimeSpan.Zero ? Math.Min(3, Messages / 4) : 0;

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

    /// <summary>Whether every worker has two queues, which share its process, its state file and the thread that renews.</summary>
    public bool SecondQueue { get; init; }

    public int Queues => SecondQueue ? 2 : 1;

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

    /// <summary>User code blocks the thread pool: no task of the process goes on, only the thread that renews.</summary>
    public TimeSpan Stalls { get; init; }

    public TimeSpan Stops { get; init; }

    public TimeSpan Outages { get; init; }

    /// <summary>One worker is cut off.</summary>
    public TimeSpan Partitions { get; init; }

    public TimeSpan WallJumps { get; init; }

    public TimeSpan DiskFaults { get; init; }

    /// <summary>A row of a state file, or all of them, no longer match their checksum.</summary>
    public TimeSpan DamagedFiles { get; init; }

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

    /// <summary>The same setup without some of <see cref="FaultClasses"/>.</summary>
    public SimulationOptions Without(IEnumerable<string> classes)
    {
        var copy = this with { };
        foreach (var name in classes)
        {
            var property = typeof(SimulationOptions).GetProperty(FaultClasses.Contains(name) ? name : "")
                ?? throw new ArgumentException($"'{name}' is none of {string.Join(", ", FaultClasses)}.", nameof(classes));
            property.SetValue(copy, Activator.CreateInstance(property.PropertyType));
        }

        return copy;
    }

    private static TimeSpan Mean(Chance chance, double probability, int least, int most) =>
        chance.Hit(probability) ? TimeSpan.FromSeconds(chance.Between(least, most)) : None;
}
