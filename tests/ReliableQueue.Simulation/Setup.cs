using System.Globalization;

namespace ReliableQueue.Simulation;

/// <summary>What one simulation is made from. The same setup gives the same run, bit for bit.</summary>
/// <param name="Seed">Expands to everything else.</param>
/// <param name="Bug">The mistake made on purpose.</param>
internal sealed record Setup(ulong Seed, PlantedBug Bug = PlantedBug.None)
{
    /// <summary>Which of <see cref="SimulationOptions.FaultClasses"/> are left out.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>At most so many messages; null: as many as the seed says.</summary>
    public int? Messages { get; init; }

    /// <summary>At most so many workers; null: as many as the seed says.</summary>
    public int? Workers { get; init; }

    /// <summary>The setup that a report asked for; null when none was.</summary>
    public static Setup? FromEnvironment()
    {
        if (Number("RQ_SIM_SEED") is not { } seed)
        {
            return null;
        }

        var without = Environment.GetEnvironmentVariable("RQ_SIM_WITHOUT")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        var bug = Environment.GetEnvironmentVariable("RQ_SIM_BUG") is { Length: > 0 } name ? Enum.Parse<PlantedBug>(name) : PlantedBug.None;
        return new Setup((ulong)seed, bug) { Without = without, Messages = (int?)Number("RQ_SIM_MESSAGES"), Workers = (int?)Number("RQ_SIM_WORKERS") };
    }

    public static long? Number(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    public SimulationOptions Apply(SimulationOptions options) => options.Without(Without) with
    {
        Messages = Math.Min(Messages ?? int.MaxValue, options.Messages),
        Workers = Math.Min(Workers ?? int.MaxValue, options.Workers),
    };

    /// <summary>The environment that runs it again.</summary>
    public override string ToString() =>
        $"RQ_SIM_SEED={Seed}"
        + (Bug == PlantedBug.None ? "" : $" RQ_SIM_BUG={Bug}")
        + (Without.Count == 0 ? "" : $" RQ_SIM_WITHOUT={string.Join(',', Without)}")
        + (Messages is null ? "" : $" RQ_SIM_MESSAGES={Messages}")
        + (Workers is null ? "" : $" RQ_SIM_WORKERS={Workers}");
}
