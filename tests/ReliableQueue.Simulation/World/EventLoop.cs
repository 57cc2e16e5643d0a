namespace ReliableQueue.Simulation.World;

/// <summary>The one line of time everything happens on: what is due next happens next, in the order it was asked for.</summary>
internal sealed class EventLoop
{
    // A second of virtual time costs a few hundred occurrences; this many mean that something spins without waiting.
    private const int MostInASecond = 100_000;

    private readonly PriorityQueue<Occurrence, (long At, long Order)> queue = new();
    private long order;
    private long second;
    private int inThisSecond;
    private ViolationException? violation;

    /// <summary>The time, in ticks. It begins late enough that no span leads before zero.</summary>
    public long Now { get; private set; } = TimeSpan.FromDays(3).Ticks;

    public long Occurred { get; private set; }

    public Occurrence After(TimeSpan delay, Action action)
    {
        var occurrence = new Occurrence(action);
        queue.Enqueue(occurrence, (Now + Math.Max(0, delay.Ticks), ++order));
        return occurrence;
    }

    /// <summary>
    /// Lets everything happen until a moment. May be called from within an occurrence: that is how a call that blocks its thread lets the rest of the world go on.
    /// </summary>
    public void RunUntil(long end, Func<bool>? isOver = null)
    {
        while (queue.TryPeek(out var next, out var due) && due.At <= end && isOver?.Invoke() != true)
        {
            queue.Dequeue();
            Now = Math.Max(Now, due.At);
            Occurred++;
            CheckPace();
            next.Happen();
            if (violation is not null)
            {
                throw violation;
            }
        }

        if (isOver?.Invoke() != true)
        {
            Now = Math.Max(Now, end);
        }
    }

    /// <summary>Ends the simulation as soon as what happens now has happened.</summary>
    public void End(ViolationException why) => violation ??= why;

    private void CheckPace()
    {
        if (Now / TimeSpan.TicksPerSecond != second)
        {
            (second, inThisSecond) = (Now / TimeSpan.TicksPerSecond, 0);
        }

        if (++inThisSecond > MostInASecond)
        {
            throw new ViolationException("I9", $"more than {MostInASecond} steps in one second: a loop spins without waiting");
        }
    }
}
