using System.Collections.ObjectModel;

namespace ReliableQueue.Messages;

/// <summary>What travels: the stored form of a message, without its id, which the broker keeps as the key.</summary>
internal readonly record struct Envelope(DateTimeOffset EnqueuedAt, string Type, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>Takes the place of one whose bytes were not read.</summary>
    public static Envelope Unread { get; } = new(DateTimeOffset.UnixEpoch, "", ReadOnlyDictionary<string, string>.Empty, default);
}

/// <summary>What came of reading the stored form of a message.</summary>
internal readonly record struct EnvelopeReading
{
    private EnvelopeReading(Envelope envelope, string? fault, bool isNewer) => (Envelope, Fault, IsNewer) = (envelope, fault, isNewer);

    /// <summary>The envelope; <see cref="Messages.Envelope.Unread"/> when there is a fault.</summary>
    public Envelope Envelope { get; }

    /// <summary>Why it was not read, for people; null when it was.</summary>
    public string? Fault { get; }

    /// <summary>Whether only a newer version of this library can read it. The message is as good as any: it is released for a newer worker, never dead-lettered.</summary>
    public bool IsNewer { get; }

    public static EnvelopeReading Of(Envelope envelope) => new(envelope, null, isNewer: false);

    /// <summary>No version can read it: the message is dead-lettered with the bytes it has.</summary>
    public static EnvelopeReading Damaged(string fault) => new(Envelope.Unread, fault, isNewer: false);

    public static EnvelopeReading Newer(string fault) => new(Envelope.Unread, fault, isNewer: true);
}
