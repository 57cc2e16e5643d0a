namespace ReliableQueue.Simulation;

/// <summary>
/// Makes a setup that fails smaller while it goes on violating the same invariant: leaves out the fault classes one by one, then halves messages and workers. A
/// failure with three faults and four messages can be read; one with twenty cannot.
/// </summary>
internal static class Shrinking
{
    public static Outcome Shrink(Outcome failed)
    {
        var smallest = failed;
        foreach (var name in SimulationOptions.FaultClasses.Except(failed.Setup.Without))
        {
            smallest = Try(smallest, smallest.Setup with { Without = [.. smallest.Setup.Without, name] });
        }

        var options = SimulatedQueue.OptionsOf(smallest.Setup);
        for (var messages = options.Messages / 2; messages > 0 && Try(smallest, smallest.Setup with { Messages = messages }) is var fewer && fewer != smallest; messages /= 2)
        {
            smallest = fewer;
        }

        for (var workers = options.Workers / 2; workers > 0 && Try(smallest, smallest.Setup with { Workers = workers }) is var fewer && fewer != smallest; workers /= 2)
        {
            smallest = fewer;
        }

        return smallest;
    }

    private static Outcome Try(Outcome known, Setup smaller) => SimulatedQueue.Run(smaller) is var outcome && outcome.Invariant == known.Invariant ? outcome : known;
}
