using System.Diagnostics;
using System.Text;

namespace ReliableQueue.Samples.Tests;

/// <summary>A sample, run as its users run it: a process of its own, of which only the output is seen.</summary>
internal sealed class SampleProcess : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly StringBuilder output = new();

    private SampleProcess(Process process) => this.process = process;

    /// <summary>Everything it has printed so far, as far as it was waited for.</summary>
    public string Output => output.ToString();

    public int ExitCode => process.ExitCode;

    /// <summary>Starts the program that was built with these tests, in the same configuration.</summary>
    public static SampleProcess Start(string name, params string[] arguments)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = framework.Parent ?? throw new InvalidOperationException($"{framework} is not where tests are built.");
        var folder = Path.GetFullPath(Path.Combine("..", "..", "..", "..", "samples", name, "bin", configuration.Name, framework.Name), configuration.FullName);
        var start = new ProcessStartInfo(Path.Combine(folder, name), arguments) { RedirectStandardOutput = true, RedirectStandardInput = true, WorkingDirectory = folder };
        return new SampleProcess(Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start."));
    }

    /// <summary>Reads its output until a line with this text, and returns that line.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            output.AppendLine(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"It ended without a line with '{text}':\n{output}");
    }

    /// <summary>SIGTERM, as a container engine or systemd sends it.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(null, null)]);
        await kill.WaitForExitAsync();
    }

    public async Task WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        output.Append(await process.StandardOutput.ReadToEndAsync(deadline.Token));
        await process.WaitForExitAsync(deadline.Token);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }
}
