namespace ReliableQueue.FaultWorker;

/// <summary>Tells the handler what to do.</summary>
/// <param name="Act">How the handling ends, or what harm it does.</param>
/// <param name="Milliseconds">How long it takes.</param>
[MessageType("work-order")]
public sealed record WorkOrder(WorkOrderAct Act, int Milliseconds = 0)
{
    public const string Queue = "orders";

    /// <summary>What its producer counts it by, whether or not it ever learns its id.</summary>
    public long Number { get; init; }

    /// <summary>Makes the message as large as is wanted.</summary>
    public string? Ballast { get; init; }
}
