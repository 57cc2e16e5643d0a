using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ReliableQueue.Messages;

/// <summary>
/// Envelope to bytes and back. Layout, big-endian: version (1 byte, now 1) · flags (1, now 0: room for later fields) · incarnation (8) · enqueued at, Unix ms (8) ·
/// type (u16 length, UTF-8) · header count (u16) · per header key and value (u16 length, UTF-8 each) · body to the end.
/// </summary>
internal static class EnvelopeCodec
{
    private const byte Version = 1;
    private const int FixedLength = 18;

    // Throws on a lone surrogate, where Encoding.UTF8 would silently store another text.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Encode(Envelope envelope)
    {
        var length = FixedLength + 2 + Utf8.GetByteCount(envelope.Type) + 2 + envelope.Body.Length;
        var bytes = new byte[length + LengthOf(envelope.Headers)];
        var rest = bytes.AsSpan();
        rest[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(rest[2..], envelope.Incarnation.Value);
        BinaryPrimitives.WriteInt64BigEndian(rest[10..], envelope.EnqueuedAt.ToUnixTimeMilliseconds());
        rest = WriteText(rest[FixedLength..], envelope.Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)envelope.Headers.Count);
        envelope.Body.Span.CopyTo(WriteHeaders(rest[2..], envelope.Headers));
        return bytes;
    }

    /// <summary>Reads an envelope; false when the bytes are not one this version can read. Never throws: the bytes come from outside.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, MessageLimits limits, [NotNullWhen(true)] out Envelope? envelope, [NotNullWhen(false)] out string? fault)
    {
        envelope = null;
        var span = bytes.Span;
        if (span.Length < FixedLength || span[0] != Version || span[1] != 0)
        {
            fault = span.Length < FixedLength
                ? $"The envelope is {span.Length} bytes long; the shortest has {FixedLength}."
                : $"The envelope has version {span[0]}, flags {span[1]}; this library reads version {Version}, flags 0.";
            return false;
        }

        try
        {
            var at = FixedLength;
            var type = ReadText(span, ref at);
            if (!MessageTypes.IsName(type))
            {
                fault = "The envelope is damaged: what should be the message type is not such a name.";
                return false;
            }

            int count = BinaryPrimitives.ReadUInt16BigEndian(span[at..]);
            at += sizeof(ushort);
            if (limits.FaultOfHeaderCount(count) is { } tooMany)
            {
                fault = tooMany;
                return false;
            }

            var headers = ReadHeaders(span, ref at, count);
            var milliseconds = BinaryPrimitives.ReadInt64BigEndian(span[10..]);
            var body = bytes[at..];
            fault = limits.FaultOfBody(body.Length) ?? limits.FaultOfHeaders(headers);
            envelope = fault is not null ? null : new Envelope(
                new Incarnation(BinaryPrimitives.ReadInt64BigEndian(span[2..])), DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), type, headers, body);
            return envelope is not null;
        }
        catch (Exception exception) when (exception is ArgumentException or IndexOutOfRangeException)
        {
            // A length that points past the end, text that is not UTF-8, a time outside the calendar: all of them damage.
            fault = "The envelope is damaged: " + exception.GetType().Name;
            return false;
        }
    }

    // Most messages have no headers, and enumerating through the interface allocates even when there are none: the count is asked first.
    private static int LengthOf(IReadOnlyDictionary<string, string> headers)
    {
        var length = 0;
        if (headers.Count > 0)
        {
            foreach (var (key, value) in headers)
            {
                length += 4 + Utf8.GetByteCount(key) + Utf8.GetByteCount(value);
            }
        }

        return length;
    }

    private static Span<byte> WriteHeaders(Span<byte> rest, IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count > 0)
        {
            foreach (var (key, value) in headers)
            {
                rest = WriteText(WriteText(rest, key), value);
            }
        }

        return rest;
    }

    private static ReadOnlyDictionary<string, string> ReadHeaders(ReadOnlySpan<byte> span, ref int at, int count)
    {
        if (count == 0)
        {
            return ReadOnlyDictionary<string, string>.Empty;
        }

        var headers = new Dictionary<string, string>(count, StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            var key = ReadText(span, ref at);
            headers.Add(key, ReadText(span, ref at));
        }

        return headers.AsReadOnly();
    }

    private static Span<byte> WriteText(Span<byte> rest, string text)
    {
        var length = Utf8.GetBytes(text, rest[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)length));
        return rest[(2 + length)..];
    }

    private static string ReadText(ReadOnlySpan<byte> span, ref int at)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(span[at..]);
        var text = Utf8.GetString(span.Slice(at + 2, length));
        at += 2 + length;
        return text;
    }
}
