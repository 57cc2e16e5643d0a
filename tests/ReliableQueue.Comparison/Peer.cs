using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.Comparison;

/// <summary>One queue library, as the two command lines of its peer program.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Settings">What was set to make it reliable, for the report.</param>
/// <param name="Folder">Where its program runs.</param>
/// <param name="Tool">The program that produces, counts what was given up, and says its version.</param>
/// <param name="Worker">The program that handles messages.</param>
internal sealed record Peer(string Name, string Settings, string Folder, string[] Tool, string[] Worker)
{
    private static readonly string Concurrency = KillPlan.Concurrency.ToString(CultureInfo.InvariantCulture);

    public static IReadOnlyList<Peer> All { get; } =
    [
        new(
            "reliablequeue",
            "defaults",
            AppContext.BaseDirectory,
            [Path.Combine(AppContext.BaseDirectory, "ReliableQueue.Comparison")],
            [Path.Combine(AppContext.BaseDirectory, "ReliableQueue.Comparison"), "work", Concurrency]),
        new(
            "celery",
            "task_acks_late, task_reject_on_worker_lost, worker_prefetch_multiplier 1, visibility_timeout 30 s (default 1 h), --statedb, prefork",
            Path.Combine(AppContext.BaseDirectory, "Celery"),
            ["/usr/bin/python3", "comparison.py"],
            ["/usr/bin/python3", "-m", "celery", "--quiet", "-A", "comparison", "worker", "-c", Concurrency, "-l", "ERROR", "--without-gossip", "--without-mingle", "--statedb", "worker-state"]),
        new(
            "bullmq",
            "defaults (lockDuration 30 s, stalledInterval 30 s, maxStalledCount 1)",
            Path.Combine(AppContext.BaseDirectory, "BullMQ"),
            ["node", "comparison.mjs"],
            ["node", "comparison.mjs", "work", Concurrency]),
    ];

    /// <summary>Runs the tool to its end and returns what it printed.</summary>
    public async Task<string> AskAsync(Stage stage, params string[] words)
    {
        using var tool = Start([.. Tool, .. words], stage, redirect: true);
        var text = await tool.StandardOutput.ReadToEndAsync();
        await tool.WaitForExitAsync();
        return tool.ExitCode == 0 ? text.Trim() : throw new InvalidOperationException($"{Name} {string.Join(' ', words)} ended with code {tool.ExitCode}. {text}");
    }

    /// <summary>Starts the worker as the leader of a process group of its own, so that its children die with it.</summary>
    public Process StartWorker(Stage stage) => Start(["setsid", .. Worker], stage, redirect: false);

    private Process Start(string[] words, Stage stage, bool redirect)
    {
        var start = new ProcessStartInfo(words[0]) { WorkingDirectory = Folder, RedirectStandardOutput = redirect };
        foreach (var word in words[1..])
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["BROKER"] = stage.Broker.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["JOURNAL"] = stage.Journal.Server.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["VISIBILITY"] = KillPlan.Visibility.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        start.Environment["STATE"] = stage.Folder;
        start.Environment["C_FORCE_ROOT"] = "1";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} did not start.");
    }
}
