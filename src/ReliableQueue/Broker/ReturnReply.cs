namespace ReliableQueue.Broker;

/// <summary>The answer to <see cref="IQueueBroker.ReturnSessionAsync"/>.</summary>
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
public readonly record struct ReturnReply(int Returned, int DeadLettered, bool IsComplete, long LastCall, bool StateRegressed);
