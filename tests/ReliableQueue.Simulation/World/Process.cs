namespace ReliableQueue.Simulation.World;

/// <summary>
/// One run of a program. While it is paused nothing of it happens, timers and replies wait; once it is dead nothing ever does. What it sent before is on its way all
/// the same.
/// </summary>
internal sealed class Process
{
    private readonly EventLoop loop;
    private readonly Queue<Action> waiting = [];
    private long pausedUntil;

    public Process(EventLoop loop, Chance chance, long wallOffset, int partsPerMillion, bool shuffles)
    {
        this.loop = loop;
        Clock = new ProcessClock(loop, this, partsPerMillion) { WallOffset = wallOffset };
        Turns = new Turns(this, chance, shuffles);
    }

    public ProcessClock Clock { get; }

    /// <summary>Where all its tasks run, one at a time.</summary>
    public Turns Turns { get; }

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused => loop.Now < pausedUntil;

    public long PausedUntil => pausedUntil;

    /// <summary>Called when it dies.</summary>
    public Action OnDeath { get; set; } = () => { };

    public Occurrence After(TimeSpan delay, Action action) => loop.After(delay, () => Do(action));

    /// <summary>Does something in the process: now, when it wakes, or never.</summary>
    public void Do(Action action)
    {
        if (!IsAlive)
        {
            return;
        }

        if (IsPaused)
        {
            waiting.Enqueue(action);
            return;
        }

        action();
    }

    public void Pause(TimeSpan time)
    {
        pausedUntil = Math.Max(pausedUntil, loop.Now + time.Ticks);
        loop.After(time, Wake);
    }

    /// <summary>Something blocks every thread its tasks run on; those with a thread of their own go on.</summary>
    public void Stall(TimeSpan time)
    {
        Turns.Stalls++;
        loop.After(time, () => Do(Turns.GoOn));
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        if (IsAlive)
        {
            IsAlive = false;
            waiting.Clear();
            OnDeath();
        }
    }

    private void Wake()
    {
        while (IsAlive && !IsPaused && waiting.TryDequeue(out var action))
        {
            action();
        }
    }
}
