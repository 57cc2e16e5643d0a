namespace ReliableQueue.Simulation.World;

/// <summary>What lies between the processes and the broker, and what it does to requests.</summary>
internal sealed class Network(EventLoop loop, Chance chance, SimulationOptions options)
{
    private readonly Dictionary<int, long> cutUntil = [];
    private long outUntil;
    private bool outageRefuses;

    public bool IsHealed { get; private set; }

    /// <summary>The broker answers nobody for a while.</summary>
    public void Break(TimeSpan time) => (outUntil, outageRefuses) = (loop.Now + time.Ticks, chance.Hit(0.5));

    /// <summary>One worker hears nothing for a while.</summary>
    public void Cut(int worker, TimeSpan time) => cutUntil[worker] = loop.Now + time.Ticks;

    public void Heal()
    {
        IsHealed = true;
        outUntil = 0;
        cutUntil.Clear();
    }

    /// <summary>How many requests met each fate.</summary>
    public long[] Fates { get; } = new long[Enum.GetValues<Fate>().Length];

    public Fate Draw(int worker, bool isRenewal)
    {
        var fate = Choose(worker, isRenewal);
        Fates[(int)fate]++;
        return fate;
    }

    /// <summary>How long one way takes.</summary>
    public TimeSpan Way() => !IsHealed && chance.Hit(options.SlowReplies) ? options.CallTimeout * chance.NextDouble() : chance.Milliseconds(0, 10);

    /// <summary>How long a held request hides.</summary>
    public TimeSpan Hiding() => chance.Hit(0.5) ? chance.Milliseconds(1_000, 10_000) : chance.Milliseconds(10_000, 90_000);

    private Fate Choose(int worker, bool isRenewal)
    {
        if (IsHealed)
        {
            return Fate.Answered;
        }

        if (loop.Now < outUntil || loop.Now < cutUntil.GetValueOrDefault(worker))
        {
            // What was sent into a hole may still come out at its other end.
            return outageRefuses ? Fate.Refused : chance.Hit(options.HeldRequests) ? Fate.Held : chance.Hit(0.2) ? Fate.ReplyLost : Fate.RequestLost;
        }

        if (isRenewal && chance.Hit(options.LostRenewals))
        {
            return chance.Pick(Fate.RequestLost, Fate.ReplyLost, Fate.Refused);
        }

        return chance.Hit(options.LostRequests) ? Fate.RequestLost
            : chance.Hit(options.LostReplies) ? Fate.ReplyLost
            : chance.Hit(options.HeldRequests) ? Fate.Held
            : chance.Hit(options.RefusedRequests) ? Fate.Refused
            : Fate.Answered;
    }
}
