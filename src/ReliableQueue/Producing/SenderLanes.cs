using ReliableQueue.Broker;
using ReliableQueue.Diagnostics;

namespace ReliableQueue.Producing;

/// <summary>
/// The lanes of one sender. It has sessions of its own, so that its lane numbers can never meet those of another queue, whatever a broker files them under.
/// </summary>
internal sealed class SenderLanes
{
    private const int LanesPerSession = 65_536;

    private readonly Lock gate = new();
    private readonly Surroundings surroundings;
    private readonly SenderLane[] lanes;
    private SessionId session;
    private int given;

    public SenderLanes(Surroundings surroundings)
    {
        this.surroundings = surroundings;
        session = SessionId.New(surroundings.Random);
        lanes = [.. Enumerable.Range(0, Outbox.Lanes).Select(index => new SenderLane(index, Next()) { LastUsed = surroundings.Time.GetTimestamp() })];
    }

    public SenderLane this[int index] => lanes[index];

    /// <summary>End when their lanes have nothing to do.</summary>
    public IEnumerable<Task> Running => lanes.Select(lane => lane.Running);

    /// <summary>Leaves the numbers of a lane, which cannot be trusted any more, for new ones.</summary>
    public void Renew(SenderLane lane) => lane.Calls = Next();

    private CallLane Next()
    {
        lock (gate)
        {
            if (given == LanesPerSession)
            {
                (session, given) = (SessionId.New(surroundings.Random), 0);
            }

            return new CallLane(session, given++);
        }
    }
}

/// <summary>One lane of a sender: worked by one loop at a time.</summary>
internal sealed class SenderLane(int index, CallLane calls)
{
    public int Index => index;

    /// <summary>What numbers its calls.</summary>
    public CallLane Calls { get; set; } = calls;

    /// <summary>When a call was last made on it, as a timestamp of the clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>How many attempts in a row failed.</summary>
    public int Failures { get; set; }

    /// <summary>The loop that works it; completed while it has nothing to do.</summary>
    public Task Running { get; set; } = Task.CompletedTask;
}
