using System.Diagnostics;
using System.Globalization;

namespace ReliableQueue.FaultWorker;

/// <summary>A worker in a process of its own, to be killed, frozen and listened to. Dead at the latest when disposed.</summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly Lines lines = new();

    private WorkerProcess(Process process) => this.process = process;

    public int Id => process.Id;

    /// <summary>Starts the program of the fault worker, or another one, next to this one.</summary>
    /// <param name="settings">Configuration as <c>key=value</c>, and <c>env:NAME=value</c> for its environment.</param>
    /// <param name="program">The program.</param>
    /// <param name="hear">Hears every line it says, once.</param>
    public static WorkerProcess Start(IEnumerable<string> settings, string program = "ReliableQueue.FaultWorker", Action<string>? hear = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var setting in settings)
        {
            if (setting.StartsWith("env:", StringComparison.Ordinal) && setting[4..].Split('=', 2) is [var name, var value])
            {
                start.Environment[name] = value;
                continue;
            }

            start.ArgumentList.Add("--" + setting);
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var worker = new WorkerProcess(process);
        process.OutputDataReceived += (_, line) => worker.Hear(line.Data, hear);
        process.ErrorDataReceived += (_, line) => worker.Hear(line.Data, hear);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>Everything the process has said so far: signals, effects, its log.</summary>
    public string Said => lines.Text;

    /// <summary>Every line the process has said so far that holds this text.</summary>
    public IReadOnlyList<string> SaidWith(string text) => lines.With(text);

    public Task ReadyAsync() => SaysAsync("ready");

    /// <summary>Waits until the process has said a line with this text, whenever that was.</summary>
    public Task<string> SaysAsync(string text, TimeSpan? within = null) =>
        lines.WaitAsync(line => line.Contains(text, StringComparison.Ordinal), $"worker {Id} says '{text}'", within ?? Patience);

    /// <summary>Waits until the process says a line with this text from now on.</summary>
    public Task<string> SaysNextAsync(string text) =>
        lines.WaitAsync(line => line.Contains(text, StringComparison.Ordinal), $"worker {Id} says '{text}' once more", Patience, lines.Count);

    /// <summary>Waits for so many more effects of a kind.</summary>
    public Task<string> DoesMoreAsync(EffectKind kind, int times)
    {
        var seen = 0;
        return lines.WaitAsync(line => Effect.Parse(line)?.Kind == kind && ++seen == times, $"worker {Id} does {kind} {times} times more", Patience, lines.Count);
    }

    /// <summary>Waits for the n-th effect of a kind in this process, and of one message if it is given.</summary>
    public async Task<Effect> DoesAsync(EffectKind kind, MessageId? message = null, int times = 1)
    {
        Effect? found = null;
        var seen = 0;
        await lines.WaitAsync(
            line => Effect.Parse(line) is { } effect && effect.Kind == kind && (message ?? effect.Message) == effect.Message && ++seen == times && (found = effect) is not null,
            $"worker {Id} does {kind} {message} {times} times",
            Patience);
        return found ?? throw new InvalidOperationException("A line was found and no effect in it.");
    }

    public Task TellAsync(string command) => process.StandardInput.WriteLineAsync(command);

    /// <summary>Asks and waits for the answer that begins with this word.</summary>
    public async Task<string> AskAsync(string command, string answer)
    {
        var after = lines.Count;
        await TellAsync(command);
        return await lines.WaitAsync(line => line.StartsWith(answer, StringComparison.Ordinal), $"worker {Id} answers '{command}'", Patience, after);
    }

    /// <summary>SIGKILL, and wait until it is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>SIGTERM.</summary>
    public Task StopAsync() => SignalAsync("TERM");

    /// <summary>SIGTERM; false when the process was gone before.</summary>
    public async Task<bool> TryStopAsync() => !process.HasExited && await SendAsync("TERM") == 0;

    public async Task<int> EndAsync(TimeSpan? within = null)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(within ?? Patience);
            return process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Worker {Id} has not ended within {within ?? Patience}. It said:{Environment.NewLine}{Said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private void Hear(string? line, Action<string>? hear)
    {
        lines.Add(line);
        if (line is not null)
        {
            hear?.Invoke(line);
        }
    }

    private async Task SignalAsync(string signal)
    {
        if (await SendAsync(signal) is not 0 and var code)
        {
            throw new InvalidOperationException($"Worker {process.Id} did not take SIG{signal}: kill ended with {code}.");
        }
    }

    private async Task<int> SendAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return kill.ExitCode;
    }
}
