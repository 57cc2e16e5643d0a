using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ReliableQueue.Simulation;

/// <summary>What a run found, as a page for <c>docs</c>: written to the path in <c>RQ_SIM_REPORT</c>, part by part as the tests end.</summary>
internal static class ReleaseReport
{
    private static readonly Lock Gate = new();
    private static readonly SortedDictionary<int, string> Parts = [];

    public static void Write(int seeds, IReadOnlyList<ulong> onceFailed, TimeSpan took, Totals totals, IReadOnlyList<Outcome> failed)
    {
        var text = new StringBuilder();
        text.AppendLine(Invariantly($"Seeds 1 to {seeds:N0}, and {string.Join(", ", onceFailed)}, which once failed. Run on {DateTime.UtcNow:yyyy-MM-dd}, .NET {Environment.Version}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, in {took.TotalSeconds:N0} s: {totals.Virtual.TotalHours:N0} hours of virtual time, {totals.Events:N0} steps."));
        text.AppendLine();
        text.AppendLine("| figure | |");
        text.AppendLine("|---|---:|");
        (string Name, long Count)[] figures =
        [
            ("violations of an invariant", failed.Count), ("messages attempted", totals.Attempted), ("acknowledged", totals.Acknowledged), ("**lost**: acknowledged and never ended", totals.Lost),
            ("**unexpected**: never attempted, and there", totals.Unexpected), ("duplicated: handled with success more than once", totals.Duplicated),
            ("recovered: of unknown outcome, and there", totals.Recovered), ("successful runs of handlers", totals.Runs),
        ];
        AppendRows(text, figures);
        if (failed.Count > 0)
        {
            text.AppendLine(Invariantly($"\nViolated: {string.Join(", ", failed.Select(outcome => $"{outcome.Setup.Seed} ({outcome.Invariant})"))}."));
        }

        text.AppendLine();
        text.AppendLine("| fault | times |");
        text.AppendLine("|---|---:|");
        AppendRows(text, [.. Totals.FaultNames.Zip(totals.Faults)]);
        Put(1, text.ToString());
    }

    public static void Write(IReadOnlyList<(PlantedBug Bug, string Found)> found)
    {
        var text = new StringBuilder("| planted bug | first seed that finds it | by |\n|---|---:|---|\n");
        foreach (var (bug, how) in found)
        {
            text.AppendLine($"| {bug} | {how} |");
        }

        Put(2, text.ToString());
    }

    private static void AppendRows(StringBuilder text, IReadOnlyList<(string Name, long Count)> rows)
    {
        foreach (var (name, count) in rows)
        {
            text.AppendLine(Invariantly($"| {name} | {count:N0} |"));
        }
    }

    private static void Put(int part, string text)
    {
        if (Environment.GetEnvironmentVariable("RQ_SIM_REPORT") is not { Length: > 0 } path)
        {
            return;
        }

        lock (Gate)
        {
            Parts[part] = text;
            File.WriteAllText(path, string.Join('\n', Parts.Values));
        }
    }

    private static string Invariantly(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
