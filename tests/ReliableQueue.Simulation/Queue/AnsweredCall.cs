using ReliableQueue.Broker;

namespace ReliableQueue.Simulation.Queue;

/// <summary>The last call of a lane, with what it was answered.</summary>
internal sealed record AnsweredCall(long Number, CallAnswer Answer, IReadOnlyList<LeasedMessage> Leased);
