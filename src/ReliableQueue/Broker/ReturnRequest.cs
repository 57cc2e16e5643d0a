using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>Takes back up to <see cref="BrokerLimits.BatchSize"/> of the messages a dead session holds, as worker losses, and fences the session. Safe to repeat.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Session">The session that is known to be over.</param>
/// <param name="MaxDeliveries">A message delivered this often is dead-lettered instead.</param>
[Experimental("RQ001")]
public sealed record ReturnRequest(QueueName Queue, SessionId Session, int MaxDeliveries);

/// <summary>The answer to a <see cref="ReturnRequest"/>.</summary>
/// <param name="Returned">How many messages went back to ready in this call.</param>
/// <param name="DeadLettered">How many were dead-lettered at the delivery limit in this call.</param>
/// <param name="IsComplete">Whether the session holds nothing any more. False: call again.</param>
/// <param name="LastCall">
/// The highest number among the session's lanes that the broker remembers; 0 when it remembers none. Only lanes 0 to 15 need be looked at. Lower than one the session was answered: the broker lost
/// writes it had acknowledged.
/// </param>
/// <param name="StateRegressed">
/// Whether the last call remembered of one of those lanes was answered with <see cref="CallAnswer.StateRegressed"/>: the session may have died before it told anybody. Or
/// a message it held is not there any more.
/// </param>
[Experimental("RQ001")]
public sealed record ReturnReply(int Returned, int DeadLettered, bool IsComplete, long LastCall, bool StateRegressed);
