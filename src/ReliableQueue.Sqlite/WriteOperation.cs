using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

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
