namespace ReliableQueue.FaultWorker;

/// <summary>Whether a message may end this process. One that is to live for the whole of a long run throws instead.</summary>
public sealed record Mortality(bool IsMortal);
