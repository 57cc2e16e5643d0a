using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace ReliableQueue.Broker;

/// <summary>Names one lease to the broker: which message, by which token.</summary>
/// <param name="Message">The leased message.</param>
/// <param name="Token">The token the lease came with.</param>
[Experimental("RQ001")]
public readonly record struct HeldLease(MessageId Message, LeaseToken Token);

/// <summary>The fencing value of one lease. Every renewal and settlement presents it; when it is not the newest given out for the message, nothing changes.</summary>
/// <param name="Session">The run that was given the lease.</param>
/// <param name="Fence">Rises with every lease of a queue, so a store that remembers the highest it has seen can refuse a late writer.</param>
[Experimental("RQ001")]
public readonly record struct LeaseToken(SessionId Session, long Fence)
{
    /// <summary>How many bytes <see cref="WriteTo"/> writes: 16.</summary>
    public const int ByteLength = 16;

    /// <summary>Reads a token from the bytes <see cref="WriteTo"/> wrote.</summary>
    /// <param name="bytes">At least 16 bytes: session, then fence, big-endian.</param>
    public static LeaseToken Read(ReadOnlySpan<byte> bytes) =>
        new(new SessionId(BinaryPrimitives.ReadInt64BigEndian(bytes)), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]));

    /// <summary>Writes session, then fence, big-endian.</summary>
    /// <param name="destination">At least 16 bytes.</param>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, Session.Value);
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], Fence);
    }
}
