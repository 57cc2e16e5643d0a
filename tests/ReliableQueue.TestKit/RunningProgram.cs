using System.Diagnostics;
using System.Text;

namespace ReliableQueue.TestKit;

/// <summary>A program, run as its users run it: a process of its own, of which only the output is seen. It is killed when disposed, with all that it started.</summary>
public sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly StringBuilder output = new();

    private RunningProgram(Process process) => this.process = process;

    /// <summary>Everything it has printed so far, as far as it was waited for.</summary>
    public string Output => output.ToString();

    public int ExitCode => process.ExitCode;

    public int Id => process.Id;

    /// <summary>Starts a program in a folder.</summary>
    public static RunningProgram Start(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true, WorkingDirectory = folder };
        return new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }

    /// <summary>Writes a line to its standard input.</summary>
    public async Task TellAsync(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
    }

    /// <summary>Ends its standard input.</summary>
    public void TellNoMore() => process.StandardInput.Close();

    /// <summary>Reads its output until a line with this text, and returns that line.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                output.AppendLine(line);
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No line with '{text}' within {LongestWait}:\n{output}");
        }

        throw new InvalidOperationException($"It ended without a line with '{text}':\n{output}");
    }

    /// <summary>The same, unless it has printed such a line already: for programs that do several things at a time.</summary>
    public async Task WaitUntilPrintedAsync(string text)
    {
        if (!Output.Contains(text, StringComparison.Ordinal))
        {
            await WaitForLineAsync(text);
        }
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
