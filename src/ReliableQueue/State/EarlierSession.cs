using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>A run that ended without confirming that it holds nothing any more.</summary>
/// <param name="Session">Its session; what it holds is returned at start.</param>
/// <param name="LastCall">The highest lease call the run noted as answered; the broker remembering a lower one has lost writes. 0: none noted.</param>
/// <param name="SeenAt">When that call was noted, or the session begun, by the clock of this machine.</param>
internal sealed record EarlierSession(SessionId Session, long LastCall, DateTimeOffset SeenAt);
