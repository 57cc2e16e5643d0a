using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ReliableQueue.Broker;

namespace ReliableQueue.Soak;

/// <summary>The page that is published.</summary>
internal static class Report
{
    private const int MostFaultsShown = 20;

    public static string Write(SoakPlan plan, DateTime began, IReadOnlyList<SetupResult> results)
    {
        var page = new StringBuilder();
        Line($"# Reliability report");
        Line();
        Line($"What came of a long run of real processes against real brokers while processes, brokers and the network between them failed. `tests/soak.sh` wrote this page; nothing on it is edited.");
        Line();
        Line($"- Command: `{plan.Command}`");
        Line($"- Begun: {began:yyyy-MM-dd HH:mm} UTC; {plan.Minutes} minutes of load and faults, all brokers at the same time");
        Line($"- ReliableQueue {typeof(IQueueClient).Assembly.GetName().Version?.ToString(3)}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores");
        Line($"- Seed of the faults and of the messages: {plan.Seed}");
        Line($"- Verdict: **{(results.Count == plan.Brokers.Count && results.All(result => result.Faults.Count == 0) ? "passed" : "failed")}**");
        Line();
        Line($"Each broker has one producer ({plan.PerSecond} messages a second) and three workers, visibility timeout {Crew.VisibilityTimeout.TotalSeconds} s, {Crew.MaxDeliveries} deliveries at most. Two workers are killed, frozen and stopped; the third and the producer live through all of it. Most messages take a few milliseconds; some take up to two visibility timeouts, throw once, twice or always, are rejected, or kill their process.");
        Line();
        Table("", results, result => result.Name);
        Rule(results);
        Row("broker", result => result.Version);
        Row("slots of a worker", result => N(result.Slots));
        Row("attempted", result => N(result.Tally.Attempted));
        Row("acknowledged", result => N(result.Tally.Acknowledged));
        Row("**lost**", result => $"**{N(result.Tally.Lost)}**");
        Row("**unexpected**", result => $"**{N(result.Tally.Unexpected)}**");
        Row("duplicated", result => N(result.Tally.Duplicated));
        Row("recovered", result => N(result.Tally.Recovered));
        Row("enqueue refused", result => N(result.Tally.Refused));
        Row("enqueue unknown", result => N(result.Tally.Unknown));
        Row("handled", result => N(result.Tally.Handled));
        Row("started more than once", result => N(result.Tally.Redelivered));
        Row("dead-lettered: rejected", result => N(result.Tally.DeadLettered.GetValueOrDefault(DeadLetterReason.Rejected)));
        Row("dead-lettered: delivery limit", result => N(result.Tally.DeadLettered.GetValueOrDefault(DeadLetterReason.DeliveryLimit)));
        Row("of these without fault of their own", result => N(result.Tally.DeadInnocents));
        Row("faults made", result => N(result.FaultsMade));
        Row("processes ended by a message", result => N(result.Deaths));
        Row("kill to next start, s: median / p99 / max", result => Spread(result.Tally.Redeliveries));
        Row("drained after the end, s", result => F(result.Drained.TotalSeconds));
        Line();
        Line($"Attempted: enqueues begun. Acknowledged: enqueues that returned. Lost: acknowledged or seen, and neither handled nor kept as a dead letter. Unexpected: ran or kept although never enqueued, although its enqueuing certainly failed, or twice under two ids. Duplicated: handled to the end more than once. Recovered: the producer was told that the outcome is unknown, and the message was there. From kill to next start counts what a killed process had held, the pause before its restart and other faults of the same seconds included.");
        Line();
        Line($"{RedisStand.OfKills}");
        Line();
        Line($"## State at the end");
        Line();
        foreach (var result in results)
        {
            Line($"- {result.Name}: {result.Store.Description}; state files {string.Join(", ", result.StateFiles.Select(file => $"{file.Key} {N(file.Value)} bytes"))}");
        }

        Line();
        Line($"## Memory");
        Line();
        Line($"Of the two processes that live through the run: median between a fifth and two fifths of it, and median of its last fifth. The managed heap is read after full collections. It and the resident memory may grow by {SoakRun.MostDrift:F0} %, the handles by {SoakRun.MostHandles} ({(plan.IsDriftJudged ? "judged" : "not judged in so short a run")}). A worker remembers its last 50,000 rejections and dead letters in its state file and in memory; here it remembers {Crew.RememberedRejections}, so that this memory is full before the first reading and what grows afterwards is a leak.");
        Line();
        Line($"| | managed, KiB | drift | resident, MiB | drift | handles | threads | readings |");
        Line($"|---|---|---|---|---|---|---|---|");
        foreach (var (result, watch) in results.SelectMany(result => result.Memory.Select(watch => (result, watch))))
        {
            var (first, end) = (watch.First, watch.End);
            Line($"| {result.Name} {watch.Name} | {N(first.ManagedBytes >> 10)} → {N(end.ManagedBytes >> 10)} | {F(watch.Drift)} % | {N(first.ResidentBytes >> 20)} → {N(end.ResidentBytes >> 20)} | {F(watch.ResidentDrift)} % | {first.Handles} → {end.Handles} | {first.Threads} → {end.Threads} | {watch.Count} |");
        }

        Line();
        Line($"## Faults");
        Line();
        Table("fault", results, result => result.Name);
        Rule(results);
        foreach (var fault in results.SelectMany(result => result.Made.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            Row(fault, result => result.Made.TryGetValue(fault, out var made) ? N(made) : "");
        }

        foreach (var result in results.Where(result => result.Faults.Count > 0))
        {
            Line();
            Line($"## What is wrong with {result.Name}");
            Line();
            Line($"{result.Faults.Count} findings, the first {MostFaultsShown}:");
            Line();
            foreach (var fault in result.Faults.Take(MostFaultsShown))
            {
                Line($"- {fault}");
            }
        }

        return page.ToString();

        void Line(FormattableString? text = null) => page.Append(text?.ToString(CultureInfo.InvariantCulture)).Append('\n');

        void Row(string head, Func<SetupResult, string> cell) => Table(head, results, cell);

        void Table(string head, IEnumerable<SetupResult> columns, Func<SetupResult, string> cell) => Line($"| {head} | {string.Join(" | ", columns.Select(cell))} |");

        void Rule(IEnumerable<SetupResult> columns) => Line($"|---|{string.Concat(columns.Select(_ => "---|"))}");
    }

    private static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string F(double number) => number.ToString("F1", CultureInfo.InvariantCulture);

    private static string Spread(IReadOnlyList<double> sorted) => sorted.Count == 0
        ? "none"
        : $"{F(sorted[sorted.Count / 2])} / {F(sorted[(int)(sorted.Count * 0.99)])} / {F(sorted[^1])} (of {N(sorted.Count)})";
}
