namespace ReliableQueue.Simulation;

/// <summary>What came of the messages of one or of many simulations: the five figures of a queue checker, and how hard it was made.</summary>
internal sealed record Totals(
    long Attempted, long Acknowledged, long Lost, long Unexpected, long Duplicated, long Recovered, long Runs, long Kills, long Pauses, TimeSpan Virtual, long Events)
{
    public static Totals None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, TimeSpan.Zero, 0);

    public static Totals operator +(Totals left, Totals right) => new(
        left.Attempted + right.Attempted,
        left.Acknowledged + right.Acknowledged,
        left.Lost + right.Lost,
        left.Unexpected + right.Unexpected,
        left.Duplicated + right.Duplicated,
        left.Recovered + right.Recovered,
        left.Runs + right.Runs,
        left.Kills + right.Kills,
        left.Pauses + right.Pauses,
        left.Virtual + right.Virtual,
        left.Events + right.Events);
}
