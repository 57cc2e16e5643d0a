using System.Diagnostics;

namespace ReliableQueue.ConsumerTests;

/// <summary>A program that is run to its end.</summary>
internal static class Command
{
    // What the build of these tests, or the runner that started them, set for itself, and what would bring a package cache of its own.
    private static readonly string[] NotPassedOn = ["MSBUILD", "DOTNET_CLI_CONTEXT", "DOTNET_HOST_PATH", "NUGET_PACKAGES", "VSTEST"];

    /// <summary>Runs it and returns what it printed; an exit code other than 0 throws with that text.</summary>
    public static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => NotPassedOn.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToList())
        {
            start.Environment.Remove(name);
        }

        // Nothing of a build stays behind when it has ended.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using var running = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var errors = running.StandardError.ReadToEndAsync();
        var text = await running.StandardOutput.ReadToEndAsync() + await errors;
        await running.WaitForExitAsync();
        return running.ExitCode == 0 ? text : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with code {running.ExitCode}:\n{text}");
    }
}
