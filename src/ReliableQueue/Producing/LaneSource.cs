using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>
/// Gives out the lanes of one line, each once. A line has a session of its own, so that its lane numbers can never meet those of another queue, whatever a
/// broker files them under.
/// </summary>
internal sealed class LaneSource(IRandomSource random)
{
    private const int LanesPerSession = 65_536;

    private readonly Lock gate = new();
    private SessionId session = SessionId.New(random);
    private int given;

    public CallLane Next()
    {
        lock (gate)
        {
            if (given == LanesPerSession)
            {
                (session, given) = (SessionId.New(random), 0);
            }

            return new CallLane(session, given++);
        }
    }
}
