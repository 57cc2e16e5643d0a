using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.Comparison;

/// <summary>The same load and the same kills on every peer, one after the other.</summary>
internal static class KillComparison
{
    public static async Task<int> RunAsync(KillPlan plan, string? only, string? report)
    {
        List<Measured> all = [];
        foreach (var peer in Peer.All.Where(peer => only is null || peer.Name == only))
        {
            all.Add(await MeasureAsync(peer, plan));
        }

        var text = Report.Of(plan, all);
        Console.WriteLine(text);
        if (report is not null)
        {
            await File.WriteAllTextAsync(report, text);
        }

        return all.Count > 0 ? 0 : 1;
    }

    private static async Task<Measured> MeasureAsync(Peer peer, KillPlan plan)
    {
        await using var stage = await Stage.OpenAsync();
        var version = await peer.AskAsync(stage, "version");
        var inHand = await KillUnderLoadAsync(peer, stage, plan);
        var entries = await stage.Journal.ReadAsync();
        var ends = entries.Where(entry => !entry.IsStart).Select(entry => entry.Number).ToList();
        var givenUp = int.Parse(await peer.AskAsync(stage, "given-up"), CultureInfo.InvariantCulture);

        // On servers of its own: what the load left behind must not stand in the way.
        List<double?> redelivery = [];
        for (var repeat = 0; repeat < plan.Repeats; repeat++)
        {
            redelivery.Add(await TimeRedeliveryAsync(peer));
        }

        return new Measured(
            peer, version, plan.Messages, plan.Kills, inHand, plan.Messages - ends.Distinct().Count() - givenUp, givenUp, ends.Count - ends.Distinct().Count(), redelivery);
    }

    private static async Task<int> KillUnderLoadAsync(Peer peer, Stage stage, KillPlan plan)
    {
        await peer.AskAsync(stage, "produce", "0", plan.Messages.ToString(CultureInfo.InvariantCulture), KillPlan.Milliseconds.ToString(CultureInfo.InvariantCulture));
        var random = new Random(20260101);
        HashSet<Entry> inHand = [];
        for (var kill = 1; kill <= plan.Kills; kill++)
        {
            var before = (await stage.Journal.ReadAsync()).Count(entry => entry.IsStart);
            using var worker = peer.StartWorker(stage);
            if (!await stage.Journal.WaitAsync(entries => entries.Count(entry => entry.IsStart) >= before + KillPlan.BetweenKills, KillPlan.Patience))
            {
                await KillAsync(worker);
                throw new InvalidOperationException($"{peer.Name} did not start {KillPlan.BetweenKills} messages before kill {kill}; there are too few messages, or it does not work.");
            }

            // The moment of the kill is chance, the same for every peer: that is the load, nothing waits for it.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200)), TimeProvider.System);
            await KillAsync(worker);
            var entries = await stage.Journal.ReadAsync();
            inHand.UnionWith(entries.GroupBy(entry => entry.Number).Select(message => message.Last()).Where(entry => entry.IsStart));
            Console.WriteLine($"{peer.Name}: kill {kill}, {entries.Count(entry => entry.IsStart)} started");
        }

        using var last = peer.StartWorker(stage);
        await stage.Journal.WaitAsync(entries => entries.Where(entry => !entry.IsStart).Select(entry => entry.Number).Distinct().Count() == plan.Messages, KillPlan.Patience);
        await KillAsync(last);
        return inHand.Count;
    }

    private static async Task<double?> TimeRedeliveryAsync(Peer peer)
    {
        await using var stage = await Stage.OpenAsync();
        await peer.AskAsync(stage, "produce", "0", "1", KillPlan.LongMilliseconds.ToString(CultureInfo.InvariantCulture));
        using var first = peer.StartWorker(stage);
        await stage.Journal.WaitAsync(entries => entries.Count > 0, KillPlan.Patience);
        await KillAsync(first);
        var killed = await stage.Journal.NowAsync();
        using var second = peer.StartWorker(stage);
        await stage.Journal.WaitAsync(entries => entries.Count > 1, KillPlan.Patience);
        await KillAsync(second);
        var seconds = (await stage.Journal.ReadAsync()).Skip(1).Select(entry => (double?)((entry.Microseconds - killed) / 1e6)).FirstOrDefault();
        Console.WriteLine($"{peer.Name}: handled again after {seconds?.ToString("F2", CultureInfo.InvariantCulture) ?? "never"} s");
        return seconds;
    }

    private static async Task KillAsync(Process worker)
    {
        using var kill = Process.Start("kill", ["-KILL", "--", string.Create(CultureInfo.InvariantCulture, $"-{worker.Id}")]);
        await kill.WaitForExitAsync();
        await worker.WaitForExitAsync();
    }
}
