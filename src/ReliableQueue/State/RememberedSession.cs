using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>A session that has not been confirmed returned. Seen: when its last call was noted, because a run may last longer than anything is remembered.</summary>
internal sealed record RememberedSession(long Row, StateScope Scope, SessionId Session, long LastCall, DateTimeOffset SeenAt, bool IsEarlier)
{
    public object?[] Columns => [Scope.Broker, Scope.Queue.Value, Session.Value, LastCall, SeenAt.UtcTicks];
}
