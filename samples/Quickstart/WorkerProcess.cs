using System.Diagnostics;
using System.Reflection;

namespace Quickstart;

/// <summary>A worker in a process of its own, seen from the story: its signals, and its end, which is never left to chance.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly Action<WorkerProcess, Signal> seen;

    private WorkerProcess(Process process, Action<WorkerProcess, Signal> seen) => (this.process, this.seen) = (process, seen);

    public string Name => $"worker {process.Id}";

    public static WorkerProcess Start(WorkerOptions options, Action<WorkerProcess, Signal> seen)
    {
        // Under `dotnet Quickstart.dll` the program is dotnet, which must be told the file.
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        string[] itself = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Assembly.GetExecutingAssembly().Location] : [];
        var start = new ProcessStartInfo(program, [.. itself, ChecksumWorker.Verb, .. options.ToArguments()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new WorkerProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."), seen);
    }

    /// <summary>Reads signals until the one that is waited for.</summary>
    /// <param name="what">What is waited for, for the text of the exception.</param>
    /// <param name="isIt">Whether this signal is it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="StoryException">It did not come.</exception>
    public async Task<Signal> WaitForAsync(string what, Func<Signal, bool> isIt, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            while (await ReadAsync(either.Token) is { } signal)
            {
                if (isIt(signal))
                {
                    return signal;
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new StoryException($"{Name} did not get so far within {LongestWait.TotalSeconds} s: {what}.");
        }

        throw new StoryException($"{Name} ended before it got so far: {what}.");
    }

    /// <summary>Ends the process as a power cut or the kernel's out-of-memory killer does: SIGKILL, and no code of it runs any more.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        process.Kill();
        await ReadToEndAsync(cancellationToken);
    }

    /// <summary>Asks the worker to stop, and waits until it has.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        process.StandardInput.Close();
        await ReadToEndAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new StoryException($"{Name} was asked to stop and ended with code {process.ExitCode}.");
        }
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            // Waited for, so that nothing of it is left when this process ends.
            process.Kill();
            process.WaitForExit(LongestWait);
        }

        process.Dispose();
    }

    private async Task ReadToEndAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            while (await ReadAsync(either.Token) is not null)
            {
                // What it still said is seen, too.
            }

            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new StoryException($"{Name} did not end within {LongestWait.TotalSeconds} s.");
        }
    }

    private async Task<Signal?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            // A killed process may leave half a line.
            if (Signal.Parse(line) is { } signal)
            {
                seen(this, signal);
                return signal;
            }
        }

        return null;
    }
}
