using System.Collections.ObjectModel;

namespace ReliableQueue.Messages;

/// <summary>What travels: the stored form of a message, without its id, which the broker keeps as the key.</summary>
internal sealed record Envelope(
    Incarnation Incarnation,
    DateTimeOffset EnqueuedAt,
    string Type,
    IReadOnlyDictionary<string, string> Headers,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>Stands in for one whose bytes cannot be read; the message is dead-lettered with the bytes it has.</summary>
    public static Envelope Unreadable { get; } = new(default, DateTimeOffset.UnixEpoch, "", ReadOnlyDictionary<string, string>.Empty, default);
}
