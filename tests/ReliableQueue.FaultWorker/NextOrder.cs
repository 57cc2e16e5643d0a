namespace ReliableQueue.FaultWorker;

/// <summary>A message that only a worker of the next version knows: one started with <c>KnowsNextOrders=true</c>.</summary>
[MessageType("next-order")]
public sealed record NextOrder
{
    /// <summary>What its producer counts it by.</summary>
    public long Number { get; init; }
}
