using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ReliableQueue.Broker;

namespace ReliableQueue.Redis;

/// <summary>The forms in which values go into scripts.</summary>
internal static class ScriptArguments
{
    private const int MemberLength = MessageId.ByteLength + LeaseToken.ByteLength;

    public static byte[] Number(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Whole milliseconds, rounded up: a delay is never cut short to nothing.</summary>
    public static byte[] Milliseconds(TimeSpan span) => Number((long)Math.Ceiling(Math.Max(0, span.TotalMilliseconds)));

    public static byte[] Session(SessionId session)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, session.Value);
        return bytes;
    }

    /// <summary>The field that says a session was returned.</summary>
    public static byte[] Mark(SessionId session) => [.. Session(session), (byte)'x'];

    public static byte[] Lane(CallStamp call)
    {
        var bytes = new byte[sizeof(long) + sizeof(ushort)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, call.Session.Value);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(sizeof(long)), checked((ushort)call.Lane));
        return bytes;
    }

    public static byte[] Member(HeldLease lease)
    {
        var bytes = new byte[MemberLength];
        lease.Message.WriteTo(bytes);
        lease.Token.WriteTo(bytes.AsSpan(MessageId.ByteLength));
        return bytes;
    }

    public static byte[] Envelope(ReadOnlyMemory<byte> envelope) =>
        MemoryMarshal.TryGetArray(envelope, out var segment) && segment.Array is { } array && segment.Count == array.Length ? array : envelope.ToArray();

    public static byte[] Error(string? error) => Encoding.UTF8.GetBytes(error is null ? "-" : "+" + error);
}
