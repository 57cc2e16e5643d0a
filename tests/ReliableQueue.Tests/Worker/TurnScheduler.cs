namespace ReliableQueue.Tests.Worker;

/// <summary>Runs tasks one at a time, in order, on the thread that takes turns: the real worker loop becomes deterministic.</summary>
internal sealed class TurnScheduler : TaskScheduler
{
    private readonly Queue<Task> tasks = [];

    /// <summary>Whether a task was ever queued from another thread: something escaped to the pool.</summary>
    public bool Escaped { get; private set; }

    private int Owner { get; } = Environment.CurrentManagedThreadId;

    public void RunUntilIdle()
    {
        while (tasks.TryDequeue(out var task))
        {
            TryExecuteTask(task);
        }
    }

    public Task Start(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    protected override void QueueTask(Task task)
    {
        Escaped |= Environment.CurrentManagedThreadId != Owner;
        tasks.Enqueue(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => tasks;
}
