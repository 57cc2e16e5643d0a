namespace ReliableQueue.Broker;

/// <summary>A message that is kept and never delivered again.</summary>
/// <param name="Id">The message.</param>
/// <param name="Envelope">Its stored form, byte for byte as enqueued.</param>
/// <param name="Reason">Why it is here.</param>
/// <param name="Error">What a person should read; null when the reason says it all.</param>
/// <param name="DeliveryCount">How often it was delivered.</param>
/// <param name="DeadLetteredAt">When, by the broker's clock.</param>
public sealed record DeadLetter(
    MessageId Id, ReadOnlyMemory<byte> Envelope, DeadLetterReason Reason, string? Error, int DeliveryCount, DateTimeOffset DeadLetteredAt);
