using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>
/// The thread that writes. Calls that arrive while it commits make up the next group. It is a thread of its own because a commit blocks on the disk, which
/// must not take threads from the pool that handlers run on.
/// </summary>
internal sealed class Writer
{
    // Bounds how long one transaction keeps renewals and other processes waiting.
    private const int GroupWeight = 2000;

    // A thread that commits without a gap would starve other processes: they try every few milliseconds, and must find it open once.
    private static readonly TimeSpan LongestRun = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(2);

    private readonly object gate = new();
    private readonly Queue<WriteOperation> waiting = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly QueueFile file;
    private readonly GroupCommit commit;
    private bool closed;
    private bool started;
    private long runningSince;
    private long? forgottenAt;

    public Writer(QueueFile file, Action<IEnumerable<(QueueName Queue, QueueHint Hint)>> wake)
    {
        this.file = file;
        commit = new GroupCommit(file, wake);
    }

    private void Post(WriteOperation operation)
    {
        lock (gate)
        {
            if (closed)
            {
                operation.Fail(file.Closed());
                return;
            }

            waiting.Enqueue(operation);
            Monitor.Pulse(gate);
            if (!started)
            {
                new Thread(Work) { IsBackground = true, Name = "ReliableQueue SQLite writer" }.Start();
                started = true;
            }
        }
    }

    /// <summary>Runs a step in a write transaction, and answers with what it gave when that is committed.</summary>
    public async Task<T> RunAsync<T>(int weight, Func<WriteContext, T> step, CancellationToken cancellationToken)
        where T : notnull
    {
        cancellationToken.ThrowIfCancellationRequested();
        var operation = new WriteOperation<T>(file.Environment.Time.GetTimestamp(), weight, step);
        Post(operation);
        try
        {
            // A call that waits for others is answered within CallTimeout. Twice that: the disk hangs in the middle of a commit.
            return await operation.Answer.WaitAsync(2 * file.CallTimeout, file.Environment.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException timeout)
        {
            throw new BrokerException(
                BrokerFault.Unknown, $"Queue file '{file.Path}' did not answer within twice CallTimeout ({file.CallTimeout}); its disk may hang.", timeout);
        }
    }

    /// <summary>Takes no more calls; ends when those that wait are answered.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            closed = true;
            Monitor.Pulse(gate);
            return started ? ended.Task : Task.CompletedTask;
        }
    }

    private void Work()
    {
        runningSince = file.Environment.Time.GetTimestamp();
        while (TakeGroup() is { Count: > 0 } group)
        {
            Forget(group);
            commit.Run(group);
            LetOthersWrite();
        }

        commit.Close();
        ended.SetResult();
    }

    private List<WriteOperation> TakeGroup()
    {
        var group = new List<WriteOperation>();
        lock (gate)
        {
            while (waiting.Count == 0 && !closed)
            {
                Monitor.Wait(gate);
                runningSince = file.Environment.Time.GetTimestamp();
            }

            for (var weight = 0; weight < GroupWeight && waiting.TryDequeue(out var operation); weight += operation.Weight)
            {
                group.Add(operation);
            }
        }

        return group;
    }

    private void Forget(List<WriteOperation> group)
    {
        var now = file.Environment.Time.GetTimestamp();
        if (forgottenAt is { } last && file.Environment.Time.GetElapsedTime(last, now) < ForgetStep.Interval)
        {
            return;
        }

        forgottenAt = now;
        group.Add(new WriteOperation<bool>(now, weight: 1, ForgetStep.Run));
    }

    private void LetOthersWrite()
    {
        if (file.Environment.Time.GetElapsedTime(runningSince) > LongestRun)
        {
            file.Closing.Rest(Gap);
            runningSince = file.Environment.Time.GetTimestamp();
        }
    }
}

/// <summary>One call that writes, waiting for its place in a group. Its step may run more than once, each time on a transaction that holds nothing of it.</summary>
/// <param name="start">When the call began, by the timestamp of the broker's clock.</param>
/// <param name="weight">How many messages it touches at most.</param>
internal abstract class WriteOperation(long start, int weight)
{
    public long Start { get; } = start;

    public int Weight { get; } = weight;

    public abstract void Run(WriteContext context);

    /// <summary>Answers the call with what the last run gave. Only after the commit.</summary>
    public abstract void Complete();

    public abstract void Fail(BrokerException fault);
}

/// <inheritdoc/>
internal sealed class WriteOperation<T>(long start, int weight, Func<WriteContext, T> step) : WriteOperation(start, weight)
    where T : notnull
{
    // The writer's thread must never run what awaits the answer.
    private readonly TaskCompletionSource<T> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    public Task<T> Answer => source.Task;

    public override void Run(WriteContext context) => result = step(context);

    public override void Complete()
    {
        if (result is not null)
        {
            source.TrySetResult(result);
        }
    }

    public override void Fail(BrokerException fault)
    {
        source.TrySetException(fault);

        // Seen: a caller who stopped waiting must not make it an unobserved exception.
        _ = source.Task.Exception;
    }
}
