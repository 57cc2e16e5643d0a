using ReliableQueue.Messages;

namespace ReliableQueue.Producing;

/// <summary>What the producer needs of the options.</summary>
/// <param name="Timeout">How long a caller waits at most.</param>
/// <param name="Limits">The largest message.</param>
internal sealed record EnqueueSettings(TimeSpan Timeout, MessageLimits Limits);
