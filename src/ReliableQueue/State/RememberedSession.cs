using ReliableQueue.Broker;

namespace ReliableQueue.State;

/// <summary>A session that has not been confirmed returned.</summary>
internal sealed record RememberedSession(long Row, StateScope Scope, SessionId Session, long LastCall, DateTimeOffset BegunAt, bool IsEarlier)
{
    public object?[] Columns => [Scope.Broker, Scope.Queue.Value, Session.Value, LastCall, BegunAt.UtcTicks];
}
