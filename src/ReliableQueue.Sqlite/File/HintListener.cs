using ReliableQueue.Storage;

namespace ReliableQueue.Sqlite;

/// <summary>
/// Tells listeners that a queue may have filled: at once for what this broker writes, within a twentieth of a second for what others write, whose commits
/// show in a number that SQLite keeps for every connection.
/// </summary>
internal sealed class HintListener(QueueFile file)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PaceAfterFault = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<QueueName, Action> hints = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool started;

    /// <summary>Ends when nothing of it has the file open any more, some time after the broker closes.</summary>
    public Task Ended
    {
        get
        {
            lock (gate)
            {
                return started ? ended.Task : Task.CompletedTask;
            }
        }
    }

    public IDisposable Listen(QueueName queue, Action hint)
    {
        // A delegate of its own, so that one listener who is registered twice leaves once.
        var own = new Action(() => hint());
        lock (gate)
        {
            hints[queue] = hints.GetValueOrDefault(queue) + own;
            if (!started)
            {
                new Thread(Watch) { IsBackground = true, Name = "ReliableQueue SQLite hints" }.Start();
                started = true;
            }
        }

        return new Subscription(() => Leave(queue, own));
    }

    public void Wake(IEnumerable<QueueName> queues)
    {
        foreach (var queue in queues)
        {
            HintOf(queue)?.Invoke();
        }
    }

    private Action? HintOf(QueueName queue)
    {
        lock (gate)
        {
            return hints.GetValueOrDefault(queue);
        }
    }

    private void Leave(QueueName queue, Action own)
    {
        lock (gate)
        {
            if (hints.GetValueOrDefault(queue) - own is { } rest)
            {
                hints[queue] = rest;
            }
            else
            {
                hints.Remove(queue);
            }
        }
    }

    private void Watch()
    {
        Connection? connection = null;
        var version = 0L;
        var pace = Pace;
        while (file.Closing.Rest(pace))
        {
            try
            {
                connection ??= file.Connect();
                Look(connection, ref version);
                pace = Pace;
            }
            catch (Exception)
            {
                // Nobody hears of it: a missing hint costs a poll, and the calls of the worker report the same fault. A thread that died would end the process.
                connection?.Dispose();
                connection = null;
                pace = PaceAfterFault;
            }
        }

        connection?.Dispose();
        ended.SetResult();
    }

    private void Look(Connection connection, ref long version)
    {
        var current = connection.Number("PRAGMA data_version");
        if (current == version)
        {
            return;
        }

        version = current;
        Wake(Listened().Where(queue => HasReady(connection, queue)));
    }

    private List<QueueName> Listened()
    {
        lock (gate)
        {
            return [.. hints.Keys];
        }
    }

    private static bool HasReady(Connection connection, QueueName name) =>
        QueueTable.Find(connection, name) is { } queue && MessageTable.First(connection, queue, Line.Ready) is not null;

    private sealed class Subscription(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
