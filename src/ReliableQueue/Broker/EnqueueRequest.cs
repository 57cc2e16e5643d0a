namespace ReliableQueue.Broker;

/// <summary>One stamped call that stores messages as ready: all of them or none.</summary>
/// <param name="Call">What makes it safe to repeat.</param>
/// <param name="Messages">1 to <see cref="BrokerLimits.BatchSize"/> messages, delivered in this order as far as order holds.</param>
public sealed record EnqueueRequest(CallStamp Call, IReadOnlyList<EnqueuedMessage> Messages);
