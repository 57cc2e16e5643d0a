namespace ReliableQueue.Messages;

/// <summary>What travels: the stored form of a message, without its id, which the broker keeps as the key.</summary>
internal sealed record Envelope(
    Incarnation Incarnation,
    DateTimeOffset EnqueuedAt,
    string Type,
    IReadOnlyDictionary<string, string> Headers,
    ReadOnlyMemory<byte> Body);
