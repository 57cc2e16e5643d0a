namespace ReliableQueue.FaultWorker;

/// <summary>What a process says, line by line, for those who wait for a line.</summary>
internal sealed class Lines
{
    private readonly Lock gate = new();
    private readonly List<string> said = [];
    private TaskCompletionSource more = New();

    public int Count
    {
        get
        {
            lock (gate)
            {
                return said.Count;
            }
        }
    }

    public string Text
    {
        get
        {
            lock (gate)
            {
                return string.Join(Environment.NewLine, said.TakeLast(200));
            }
        }
    }

    /// <summary>All lines so far that hold this text.</summary>
    public IReadOnlyList<string> With(string text)
    {
        lock (gate)
        {
            return said.FindAll(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    /// <param name="line">Null at the end of the output, which nobody waits for.</param>
    public void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource told;
        lock (gate)
        {
            said.Add(line);
            (told, more) = (more, New());
        }

        told.SetResult();
    }

    /// <summary>Waits for the first line that is meant, those said before included, each looked at once and in order.</summary>
    public async Task<string> WaitAsync(Func<string, bool> isMeant, string what, TimeSpan within, int after = 0)
    {
        using var limit = new CancellationTokenSource(within);
        for (var next = after; ;)
        {
            List<string> fresh;
            Task told;
            lock (gate)
            {
                fresh = said[next..];
                told = more.Task;
            }

            next += fresh.Count;
            if (fresh.Find(isMeant.Invoke) is { } found)
            {
                return found;
            }

            try
            {
                await told.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Not within {within}: {what}. Last said:{Environment.NewLine}{Text}");
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
