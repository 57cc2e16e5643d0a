using ReliableQueue.Broker;
using ReliableQueue.Simulation.Queue;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Checking;

/// <summary>All that happened, in order. Each event is checked as it is added: the run ends at the first that violates an invariant.</summary>
internal sealed class History(EventLoop loop, HistoryChecker checker)
{
    private const int Kept = 250;

    private int runs;
    private readonly Queue<HistoryEvent> last = new(Kept);
    private readonly Dictionary<MessageId, int> messages = [];
    private readonly Dictionary<SessionId, int> sessions = [];

    /// <summary>The same for the same seed, or the simulation is not deterministic.</summary>
    public ulong Hash { get; private set; }

    /// <summary>How often each thing happened.</summary>
    public long[] Counts { get; } = new long[Enum.GetValues<What>().Length];

    public IEnumerable<HistoryEvent> Last => last;

    public HistoryChecker Checker => checker;

    /// <summary>Runs are counted from 1 over all workers.</summary>
    public int NextRun() => ++runs;

    public int IndexOf(MessageId message)
    {
        if (!messages.TryGetValue(message, out var index))
        {
            messages.Add(message, index = messages.Count + 1);
        }

        return index;
    }

    /// <summary>Notes whose session it is.</summary>
    public void Own(SessionId session, int run) => sessions[session] = run;

    public int RunOf(SessionId session) => sessions.GetValueOrDefault(session);

    /// <summary>The broker has lost acknowledged writes, and this is what it has left.</summary>
    public void GoOnFrom(IEnumerable<SimulatedRules> models)
    {
        checker.GoOnFrom(models.SelectMany(model => model.Messages).Select(message => (IndexOf(message.Id), message, RunOf(message.Token.Session))));
    }

    public void Add(What what, int run = 0, MessageId? message = null, LeaseToken lease = default, SessionId session = default, int number = 0, object? detail = null)
    {
        run = run == 0 ? RunOf(session == default ? lease.Session : session) : run;
        var each = new HistoryEvent(loop.Now, what, run, message is { } id ? IndexOf(id) : 0, lease.Fence, number, detail);
        Hash = (Hash * 31) + each.Hash();
        Counts[(int)what]++;
        if (last.Count == Kept)
        {
            last.Dequeue();
        }

        last.Enqueue(each);
        try
        {
            checker.See(each);
        }
        catch (ViolationException violation)
        {
            // Thrown from here it would end in the worker, which takes it for a failed handler.
            loop.End(violation);
        }
    }
}
