namespace ReliableQueue.Simulation.World;

/// <summary>What becomes of one request.</summary>
internal enum Fate
{
    Answered,
    RequestLost,
    ReplyLost,
    Held,
    Refused,
}
