namespace ReliableQueue.Benchmarks;

/// <summary>What one run measured.</summary>
/// <param name="Enqueued">Messages enqueued per second.</param>
/// <param name="Drained">Messages drained per second, from the start of leasing to the last answered ack.</param>
/// <param name="ServerMicroseconds">Processor time of the Redis process per message, for its whole life.</param>
/// <param name="ClientMicroseconds">Processor time of this process per message drained.</param>
/// <param name="EnqueueBytes">Bytes allocated per message enqueued.</param>
/// <param name="DrainBytes">Bytes allocated per message drained.</param>
internal sealed record Rates(double Enqueued, double Drained, double ServerMicroseconds, double ClientMicroseconds, double EnqueueBytes, double DrainBytes)
{
    public static Rates MedianOf(IReadOnlyList<Rates> runs) => new(
        Median(runs, run => run.Enqueued),
        Median(runs, run => run.Drained),
        Median(runs, run => run.ServerMicroseconds),
        Median(runs, run => run.ClientMicroseconds),
        Median(runs, run => run.EnqueueBytes),
        Median(runs, run => run.DrainBytes));

    private static double Median(IReadOnlyList<Rates> runs, Func<Rates, double> of) => runs.Select(of).Order().ElementAt(runs.Count / 2);
}
