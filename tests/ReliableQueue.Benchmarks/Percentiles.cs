namespace ReliableQueue.Benchmarks;

/// <summary>Times in microseconds, by rank.</summary>
internal sealed class Percentiles
{
    private readonly double[] ordered;

    public Percentiles(IEnumerable<double> microseconds) => ordered = [.. microseconds.Order()];

    /// <summary>The time that this part of all stayed within; the largest where there are too few to tell.</summary>
    public double At(double part) => ordered.Length == 0 ? double.NaN : ordered[Math.Min(ordered.Length - 1, (int)Math.Ceiling(part * ordered.Length) - 1)];

    /// <summary>Puts the usual three into a row, in milliseconds.</summary>
    public void AddTo(Sheet sheet, string table, string row)
    {
        foreach (var (name, part) in new[] { ("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999) })
        {
            sheet.Add(table, row, $"{name}, ms", At(part) / 1_000, "N2");
        }
    }
}
