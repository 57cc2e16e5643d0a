using System.Diagnostics;
using ReliableQueue.FaultWorker;

namespace ReliableQueue.Soak;

/// <summary>One of the processes: started, hurt, and started again on the same state file.</summary>
internal sealed class Member(string name, Func<IEnumerable<string>> settings, string program, Journal journal) : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private readonly List<(int Process, long At)> kills = [];
    private readonly List<string> alarms = [];
    private WorkerProcess? process;
    private Task<int> ended = Task.FromResult(0);
    private Task watching = Task.CompletedTask;
    private volatile bool isExpectedToEnd;
    private volatile bool isReady;

    public string Name => name;

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    /// <summary>How often a message ended it.</summary>
    public int Deaths { get; private set; }

    /// <summary>When which process was killed from outside.</summary>
    public IReadOnlyList<(int Process, long At)> Kills => kills;

    /// <summary>What it said or did that it never should.</summary>
    public IReadOnlyList<string> Alarms => alarms;

    public void Start()
    {
        isExpectedToEnd = isReady = false;
        Starts++;
        var started = WorkerProcess.Start(settings(), program, Hear);
        process = started;
        journal.Write($"{name} is process {started.Id}");
        ended = started.EndAsync(Timeout.InfiniteTimeSpan);
        watching = WatchAsync(started, ended);
    }

    public Task ReadyAsync() => Process.ReadyAsync();

    public Task<string> AskAsync(string command, string answer) => Process.AskAsync(command, answer);

    /// <summary>kill -9, and after the time the same worker again.</summary>
    public Task KillAsync(TimeSpan away) => InTurnAsync(async () =>
    {
        await StrikeAsync();
        await Task.Delay(away);
        await ReplaceAsync();
    });

    /// <summary>SIGSTOP, and SIGCONT after the time.</summary>
    public Task FreezeAsync(TimeSpan time) => InTurnAsync(async () =>
    {
        if (await TrySignalAsync(Process.FreezeAsync))
        {
            await Task.Delay(time);
            await TrySignalAsync(Process.ThawAsync);
        }
    });

    /// <summary>SIGTERM and wait for the end; or kill -9 after a time, while it drains. Then the same worker again.</summary>
    public Task TerminateAsync(TimeSpan? killAfter) => InTurnAsync(async () =>
    {
        isExpectedToEnd = true;
        if (await TrySignalAsync(Process.StopAsync))
        {
            if (killAfter is { } time)
            {
                await Task.Delay(time);
                await StrikeAsync();
            }
            else if (await Process.EndAsync() is not 0 and not 137 and var code && !IsStartCutShort)
            {
                Alarm($"ended with code {code} after SIGTERM");
            }
        }

        await ReplaceAsync();
    });

    /// <summary>SIGTERM for good.</summary>
    public Task EndAsync() => InTurnAsync(async () =>
    {
        isExpectedToEnd = true;
        if (await TrySignalAsync(Process.StopAsync) && await Process.EndAsync() is not 0 and var code)
        {
            Alarm($"ended with code {code} at the end of the run");
        }
    });

    public async ValueTask DisposeAsync()
    {
        isExpectedToEnd = true;
        if (process is not null)
        {
            await RemoveAsync();
        }

        await watching;
        turn.Dispose();
    }

    /// <summary>SIGTERM while it starts ends it as it ends any host: by the signal before it listens, by a cancelled start afterwards.</summary>
    private bool IsStartCutShort => isExpectedToEnd && !isReady;

    private WorkerProcess Process => process ?? throw new InvalidOperationException($"{name} was not started.");

    private async Task StrikeAsync()
    {
        isExpectedToEnd = true;
        kills.Add((Process.Id, Stopwatch.GetTimestamp()));
        await Process.KillAsync();
    }

    /// <summary>Its code is read before the handle is let go.</summary>
    private async Task RemoveAsync()
    {
        await Process.KillAsync();
        await ended;
        await Process.DisposeAsync();
    }

    private async Task ReplaceAsync()
    {
        await RemoveAsync();
        Start();
    }

    /// <summary>A process that a message has just ended takes no signal.</summary>
    private async Task<bool> TrySignalAsync(Func<Task> signalAsync)
    {
        try
        {
            await signalAsync();
            return true;
        }
        catch (InvalidOperationException exception)
        {
            journal.Write($"{name}: {exception.Message}");
            return false;
        }
    }

    private async Task InTurnAsync(Func<Task> actAsync)
    {
        await turn.WaitAsync();
        try
        {
            await actAsync();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>A process that was ended by a message is started again; every other end is an alarm.</summary>
    private async Task WatchAsync(WorkerProcess watched, Task<int> end)
    {
        var id = watched.Id;
        var code = await end;
        journal.Write($"{name}, process {id}, ended with code {code}");
        if (isExpectedToEnd)
        {
            return;
        }

        await InTurnAsync(async () =>
        {
            if (process != watched || isExpectedToEnd)
            {
                return;
            }

            if (code == 137)
            {
                Deaths++;
            }
            else
            {
                Alarm($"ended by itself with code {code}");
            }

            await ReplaceAsync();
        });
    }

    private void Hear(string line)
    {
        journal.Write($"{name}: {line}");
        isReady |= line == "ready";
        if (line.Contains("BrokerStateRegressed", StringComparison.Ordinal) || line.Contains("Unhandled exception", StringComparison.Ordinal)
            || line.StartsWith("crit", StringComparison.Ordinal) || (line == "refused" && !IsStartCutShort))
        {
            Alarm(line);
        }
    }

    private void Alarm(string text)
    {
        journal.Write($"ALARM {name}: {text}");
        lock (alarms)
        {
            alarms.Add($"{name}: {text}");
        }
    }
}
