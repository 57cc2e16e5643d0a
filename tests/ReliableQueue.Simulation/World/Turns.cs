namespace ReliableQueue.Simulation.World;

/// <summary>
/// Runs the tasks of one process one at a time, on the thread of the simulation, in an order of chance: a thread pool promises none either. The process may die after
/// any turn, which is any step between two awaits.
/// </summary>
internal sealed class Turns(Process process, Chance chance, bool shuffles) : TaskScheduler
{
    private readonly List<Task> tasks = [];
    private readonly int thread = Environment.CurrentManagedThreadId;
    private bool isDue;
    private int? turnsToLive;

    /// <summary>Whether a task was queued from another thread: something escaped to the pool, and the seed would not repeat.</summary>
    public bool Escaped { get; private set; }

    /// <summary>How many things block its tasks now.</summary>
    public int Stalls { get; set; }

    /// <summary>The process dies after so many turns from now.</summary>
    public void DieAfter(int turns) => turnsToLive = turns;

    public void LiveOn() => turnsToLive = null;

    /// <summary>One of the things that block its tasks has ended.</summary>
    public void GoOn()
    {
        Stalls--;
        TakeTurns();
    }

    public Task Start(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    protected override void QueueTask(Task task)
    {
        Escaped |= Environment.CurrentManagedThreadId != thread;
        if (!process.IsAlive)
        {
            return;
        }

        tasks.Add(task);
        if (!isDue)
        {
            isDue = true;
            process.After(TimeSpan.Zero, TakeTurns);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => tasks;

    private void TakeTurns()
    {
        isDue = false;
        while (tasks.Count > 0 && process.IsAlive && Stalls == 0)
        {
            if (process.IsPaused)
            {
                isDue = true;
                process.Do(TakeTurns);
                return;
            }

            var next = shuffles ? chance.Between(0, tasks.Count - 1) : 0;
            var task = tasks[next];
            tasks.RemoveAt(next);
            TryExecuteTask(task);
            if (turnsToLive-- == 0)
            {
                process.Kill();
            }
        }
    }
}
