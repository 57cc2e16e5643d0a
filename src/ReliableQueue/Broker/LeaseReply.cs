namespace ReliableQueue.Broker;

/// <summary>The answer to a <see cref="LeaseRequest"/>.</summary>
/// <param name="Answer">What was done with the call.</param>
/// <param name="Messages">The messages leased, redelivered ones first.</param>
/// <param name="Reclaimed">How many messages whose lease ran out went back to ready in this call.</param>
/// <param name="DeadLettered">How many messages whose lease ran out were dead-lettered at the delivery limit in this call.</param>
/// <param name="NextDue">
/// How long until the next scheduled message is due, by the broker's clock; null when none is scheduled or more is ready now. Zero beside no message: ask again at once,
/// the broker has only cleared away what stood in front.
/// </param>
public sealed record LeaseReply(
    CallAnswer Answer, IReadOnlyList<LeasedMessage> Messages, int Reclaimed, int DeadLettered, TimeSpan? NextDue);
