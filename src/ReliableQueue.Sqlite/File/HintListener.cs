using ReliableQueue.Broker;
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
    private readonly Dictionary<QueueName, Action<QueueHint>> hints = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    /// <summary>Until when each queue was paused at the last look. Used by the thread that looks.</summary>
    private readonly Dictionary<QueueName, long> pauses = [];
    /// <summary>The due time of the first scheduled message of each queue at the last look. Used by the thread that looks.</summary>
    private readonly Dictionary<QueueName, long> due = [];
    private volatile bool isLooking;
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

    public IHintSubscription Listen(QueueName queue, Action<QueueHint> hint)
    {
        // A delegate of its own, so that one listener who is registered twice leaves once.
        var own = new Action<QueueHint>(kind => hint(kind));
        lock (gate)
        {
            hints[queue] = hints.GetValueOrDefault(queue) + own;
            if (!started)
            {
                new Thread(Watch) { IsBackground = true, Name = "ReliableQueue SQLite hints" }.Start();
                started = true;
            }
        }

        return new Subscription(this, () => Leave(queue, own));
    }

    public void Wake(IEnumerable<(QueueName Queue, QueueHint Hint)> woken)
    {
        foreach (var (queue, hint) in woken)
        {
            HintOf(queue)?.Invoke(hint);
        }
    }

    private Action<QueueHint>? HintOf(QueueName queue)
    {
        lock (gate)
        {
            return hints.GetValueOrDefault(queue);
        }
    }

    private void Leave(QueueName queue, Action<QueueHint> own)
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
                isLooking = true;
            }
            catch (Exception)
            {
                // Nobody hears of it: a missing hint costs a poll, and the calls of the worker report the same fault. A thread that died would end the process.
                connection?.Dispose();
                connection = null;
                pace = PaceAfterFault;
                isLooking = false;
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
        file.DemandKnownVersion(connection);
        Wake(Listened().SelectMany(queue => HintsOf(connection, queue)).ToList());
    }

    private List<(QueueName Queue, QueueHint Hint)> HintsOf(Connection connection, QueueName name)
    {
        var hints = new List<(QueueName, QueueHint)>();
        if (QueueTable.Find(connection, name) is not { } queue)
        {
            return hints;
        }

        if (pauses.GetValueOrDefault(name) != queue.PausedUntil)
        {
            pauses[name] = queue.PausedUntil;
            hints.Add((name, QueueHint.Control));
        }

        var first = MessageTable.First(connection, queue, Line.Scheduled) ?? long.MaxValue;
        var isDueSooner = first < due.GetValueOrDefault(name, long.MaxValue);
        due[name] = first;

        // Not while it is paused: every look of a worker would wake the others, and none would find anything.
        if (queue.PausedUntil <= file.Environment.UtcNow && (isDueSooner || MessageTable.First(connection, queue, Line.Ready) is not null))
        {
            hints.Add((name, QueueHint.Ready));
        }

        return hints;
    }

    private List<QueueName> Listened()
    {
        lock (gate)
        {
            return [.. hints.Keys];
        }
    }

    private sealed class Subscription(HintListener listener, Action leave) : IHintSubscription
    {
        public bool IsHeard => listener.isLooking;

        public void Dispose() => leave();
    }
}
