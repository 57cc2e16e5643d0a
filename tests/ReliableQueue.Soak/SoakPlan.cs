using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ReliableQueue.Soak;

/// <summary>What a run is told on the command line, and what it must reach.</summary>
internal sealed class SoakPlan
{
    /// <summary>A release needs this many messages and faults an hour, on each broker.</summary>
    private const int MessagesPerHour = 200_000;
    private const int FaultsPerHour = 1_000;

    /// <summary>Below this, caches still fill when the first memory is read: the drift is told and not judged.</summary>
    private const double MinutesForDrift = 15;

    private SoakPlan(double minutes, int seed, int perSecond, IReadOnlyList<string> brokers, string? report, string evidence)
    {
        (Minutes, Seed, PerSecond, Brokers, Report, Evidence) = (minutes, seed, perSecond, brokers, report, evidence);
    }

    public double Minutes { get; }

    /// <summary>Of the faults and the mix of messages. What the machine does between them has none.</summary>
    public int Seed { get; }

    public int PerSecond { get; }

    public IReadOnlyList<string> Brokers { get; }

    /// <summary>The page to write; null: none.</summary>
    public string? Report { get; }

    /// <summary>The folder of everything that was written down; it stays when something is wrong.</summary>
    public string Evidence { get; }

    public TimeSpan Length => TimeSpan.FromMinutes(Minutes);

    public int MessagesNeeded => (int)(MessagesPerHour * Minutes / 60);

    public int FaultsNeeded => (int)(FaultsPerHour * Minutes / 60);

    public bool IsDriftJudged => Minutes >= MinutesForDrift;

    public string Command => string.Create(CultureInfo.InvariantCulture, $"bash tests/soak.sh --minutes {Minutes} --seed {Seed} --rate {PerSecond} --broker {string.Join(',', Brokers)}");

    public static SoakPlan Read(IConfiguration words)
    {
        var brokers = (words["broker"] ?? string.Join(',', Stand.Names)).Split(',');
        if (brokers.Except(Stand.Names).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException($"--broker {unknown}: it must be of {string.Join(", ", Stand.Names)}.");
        }

        return new SoakPlan(
            double.Parse(words["minutes"] ?? "1", CultureInfo.InvariantCulture),
            int.Parse(words["seed"] ?? Random.Shared.Next(1, 1_000_000).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            int.Parse(words["rate"] ?? "75", CultureInfo.InvariantCulture),
            brokers,
            words["report"],
            Directory.CreateTempSubdirectory("rq-soak-").FullName);
    }
}
