using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.Workers;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation;

/// <summary>What came of the messages of one or of many simulations: the five figures of a queue checker, and how hard it was made.</summary>
internal sealed record Totals(long Attempted, long Acknowledged, long Lost, long Unexpected, long Duplicated, long Recovered, long Runs, TimeSpan Virtual, long Events)
{
    // A process counts once, however many queues it has.
    private static readonly (string Name, Func<Machine, int> Count)[] Processes =
    [
        ("worker processes killed", machine => machine.Kills), ("pauses of a process", machine => machine.Pauses), ("stalls of all tasks of a process", machine => machine.Stalls),
        ("restarts in good order", machine => machine.Stops),
    ];

    private static readonly (string Name, What What)[] Happenings =
    [
        ("power losses among the kills", What.PowerLost), ("outages of the broker", What.Outage), ("workers cut off", What.CutOff), ("jumps of a wall clock", What.WallJumped),
        ("full disks", What.DiskFull), ("damaged state files", What.Damaged), ("rollbacks of the broker", What.RolledBack), ("flushes of the broker", What.Flushed),
    ];

    private static readonly (string Name, Fate Fate)[] Requests =
    [
        ("requests lost", Fate.RequestLost), ("replies lost", Fate.ReplyLost), ("requests held back and done later", Fate.Held), ("requests refused", Fate.Refused),
    ];

    public static Totals None { get; } = new(0, 0, 0, 0, 0, 0, 0, TimeSpan.Zero, 0) { Faults = new long[Processes.Length + Happenings.Length + Requests.Length] };

    public static IReadOnlyList<string> FaultNames { get; } = [.. Processes.Select(each => each.Name), .. Happenings.Select(each => each.Name), .. Requests.Select(each => each.Name)];

    /// <summary>How often each fault was injected, in the order of <see cref="FaultNames"/>.</summary>
    public required IReadOnlyList<long> Faults { get; init; }

    public static IReadOnlyList<long> FaultsOf(IReadOnlyList<Machine> machines, History history, Network network) =>
    [
        .. Processes.Select(each => (long)machines.Sum(each.Count)),
        .. Happenings.Select(each => history.Counts[(int)each.What]),
        .. Requests.Select(each => network.Fates[(int)each.Fate]),
    ];

    public static Totals operator +(Totals left, Totals right) => new(
        left.Attempted + right.Attempted,
        left.Acknowledged + right.Acknowledged,
        left.Lost + right.Lost,
        left.Unexpected + right.Unexpected,
        left.Duplicated + right.Duplicated,
        left.Recovered + right.Recovered,
        left.Runs + right.Runs,
        left.Virtual + right.Virtual,
        left.Events + right.Events)
    {
        Faults = [.. left.Faults.Zip(right.Faults, (mine, theirs) => mine + theirs)],
    };

    public string ToText() =>
        $"attempted {Attempted:N0}, acknowledged {Acknowledged:N0}, lost {Lost:N0}, unexpected {Unexpected:N0}, duplicated {Duplicated:N0}, recovered {Recovered:N0}; "
        + $"{Runs:N0} successful runs of handlers, {Events:N0} steps, {Virtual.TotalHours:N0} virtual hours; "
        + string.Join(", ", FaultNames.Zip(Faults, (name, count) => $"{name} {count:N0}"));
}
