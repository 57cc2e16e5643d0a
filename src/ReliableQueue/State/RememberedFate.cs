using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>What became here of a message that is being delivered again: null <paramref name="Rejection"/> means it completed.</summary>
internal sealed record RememberedFate(Settlement.DeadLetter? Rejection);
