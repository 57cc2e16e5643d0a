using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ReliableQueue.TestKit;

namespace ReliableQueue.Benchmarks;

/// <summary>Another queue, with the same load: messages of 100 characters and handlers that do nothing, enqueued, then drained, on a Redis of its own.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Folder">Where its program is, below the folder Peers.</param>
/// <param name="Messages">How many messages: a few seconds of draining.</param>
/// <param name="Check">Ends with code 0 where the peer is installed.</param>
/// <param name="Run">Its program; the number of messages follows.</param>
/// <param name="Install">What to do where it is absent.</param>
internal sealed partial record Peer(string Name, string Folder, int Messages, string[] Check, string[] Run, string Install)
{
    private const string Table = "other queues on the same server, enqueue, then drain";

    private static readonly Peer[] all =
    [
        new("BullMQ", "BullMQ", 40_000, ["node", "--input-type=module", "-e", "await import('bullmq')"], ["node", "bench.mjs", "200"], "npm install"),
        new("Celery", "Celery", 10_000, ["/usr/bin/python3", "-c", "import celery, redis"], ["/usr/bin/python3", "bench.py", "2"], "apt-get install python3-celery python3-redis"),
        new("Hangfire", "Hangfire", 10_000, ["dotnet", "build", "-c", "Release", "-v", "quiet"], ["dotnet", "run", "-c", "Release", "--no-build", "--", "40"], "dotnet build"),
    ];

    /// <summary>Measures those that are installed, one after the other; each that is not gets a line that says so.</summary>
    public static async Task RunAllAsync(Sheet sheet)
    {
        foreach (var peer in all)
        {
            await peer.MeasureAsync(sheet);
        }
    }

    private async Task MeasureAsync(Sheet sheet)
    {
        var (code, text) = await StartAsync(Check, 0);
        if (code == 0)
        {
            await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "everysec");
            (code, text) = await StartAsync([.. Run, Messages.ToString(CultureInfo.InvariantCulture)], redis.Port);
        }

        if (code == 0 && Result().Match(text) is { Success: true } result)
        {
            var row = $"{Name} {result.Groups["version"].Value}";
            sheet.Add(Table, row, "messages", Messages);
            sheet.Add(Table, row, "enqueued per second", double.Parse(result.Groups["enqueued"].Value, CultureInfo.InvariantCulture));
            sheet.Add(Table, row, "drained per second", double.Parse(result.Groups["drained"].Value, CultureInfo.InvariantCulture));
            return;
        }

        sheet.Note($"{Name} was skipped: it is not installed (`{Install}` in {Folder}), or its program failed: {text.Trim().Split('\n')[^1]}");
    }

    private async Task<(int Code, string Text)> StartAsync(string[] words, int port)
    {
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = Path.Combine(AppContext.BaseDirectory, "Peers", Folder), RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["C_FORCE_ROOT"] = "1";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        try
        {
            using var running = Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} did not start.");
            var errors = running.StandardError.ReadToEndAsync();
            var text = await running.StandardOutput.ReadToEndAsync();
            await running.WaitForExitAsync();
            return (running.ExitCode, text + await errors);
        }
        catch (System.ComponentModel.Win32Exception absent)
        {
            return (1, absent.Message);
        }
    }

    [GeneratedRegex(@"version (?<version>\S+) enqueued (?<enqueued>[\d.]+) drained (?<drained>[\d.]+)")]
    private static partial Regex Result();
}
