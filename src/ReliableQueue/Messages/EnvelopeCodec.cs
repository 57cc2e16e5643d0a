using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Text;

namespace ReliableQueue.Messages;

/// <summary>
/// Envelope to bytes and back. Layout, big-endian: version (1 byte) · lowest reader (1) · enqueued at, Unix ms (8) · type (u16 length, UTF-8) · header count (u16) ·
/// per header key and value (u16 length, UTF-8 each) · section count (1) · per section tag (1), length (u32), bytes · body to the end.
///
/// A version that only adds sections keeps the lowest reader of the version before. A reader skips a section it does not know, unless the tag has the bit
/// <see cref="RequiredSection"/>: then the message would have another meaning without it, and is left to newer readers. A version that changes the layout raises the lowest reader.
/// </summary>
internal static class EnvelopeCodec
{
    /// <summary>The version this library writes.</summary>
    public const byte Version = 1;

    /// <summary>The bit of a section's tag that says that who does not know the section must not handle the message.</summary>
    public const byte RequiredSection = 0x80;

    // The lowest version whose readers can read what this one writes.
    private const byte LowestReader = 1;
    private const int FixedLength = 10;

    // Throws on a lone surrogate, where Encoding.UTF8 would silently store another text.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Encode(Envelope envelope)
    {
        var length = FixedLength + 2 + Utf8.GetByteCount(envelope.Type) + 2 + LengthOf(envelope.Headers) + 1 + envelope.Body.Length;
        var bytes = new byte[length];
        var rest = bytes.AsSpan();
        (rest[0], rest[1]) = (Version, LowestReader);
        BinaryPrimitives.WriteInt64BigEndian(rest[2..], envelope.EnqueuedAt.ToUnixTimeMilliseconds());
        rest = WriteText(rest[FixedLength..], envelope.Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)envelope.Headers.Count);
        rest = WriteHeaders(rest[2..], envelope.Headers);
        rest[0] = 0;
        envelope.Body.Span.CopyTo(rest[1..]);
        return bytes;
    }

    /// <summary>Reads an envelope, or says why not. Never throws: the bytes come from outside.</summary>
    public static EnvelopeReading Decode(ReadOnlyMemory<byte> bytes, MessageLimits limits)
    {
        var span = bytes.Span;
        if (span.Length < FixedLength)
        {
            return EnvelopeReading.Damaged($"The envelope is {span.Length} bytes long; the shortest has {FixedLength}.");
        }

        if (span[1] == 0 || span[1] > span[0])
        {
            return EnvelopeReading.Damaged($"The envelope is damaged: no version {span[0]} names version {span[1]} as its lowest reader.");
        }

        if (span[1] > Version)
        {
            return EnvelopeReading.Newer($"The envelope has version {span[0]}, for readers of version {span[1]} and newer; this library reads version {Version}.");
        }

        try
        {
            return DecodeParts(bytes, limits);
        }
        catch (Exception exception) when (exception is ArgumentException or IndexOutOfRangeException)
        {
            // A length that points past the end, text that is not UTF-8, a time outside the calendar: all of them damage.
            return EnvelopeReading.Damaged("The envelope is damaged: " + exception.GetType().Name);
        }
    }

    private static EnvelopeReading DecodeParts(ReadOnlyMemory<byte> bytes, MessageLimits limits)
    {
        var span = bytes.Span;
        var at = FixedLength;
        var type = ReadText(span, ref at);
        if (!MessageTypes.IsName(type))
        {
            return EnvelopeReading.Damaged("The envelope is damaged: what should be the message type is not such a name.");
        }

        int count = BinaryPrimitives.ReadUInt16BigEndian(span[at..]);
        at += sizeof(ushort);
        if (limits.FaultOfHeaderCount(count) is { } tooMany)
        {
            return EnvelopeReading.Damaged(tooMany);
        }

        var headers = ReadHeaders(span, ref at, count);
        if (SkipSections(span, ref at) is { } required)
        {
            return EnvelopeReading.Newer($"The envelope has version {span[0]} and a required section {required} that this library (version {Version}) does not know.");
        }

        var enqueuedAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(span[2..]));
        var body = bytes[at..];
        return (limits.FaultOfBody(body.Length) ?? limits.FaultOfHeaders(headers)) is { } fault
            ? EnvelopeReading.Damaged(fault)
            : EnvelopeReading.Of(new Envelope(enqueuedAt, type, headers, body));
    }

    /// <summary>Moves past all sections; the tag of one that must be known and is not.</summary>
    private static byte? SkipSections(ReadOnlySpan<byte> span, ref int at)
    {
        byte? required = null;
        var count = span[at++];
        for (var index = 0; index < count; index++)
        {
            var tag = span[at];
            var length = BinaryPrimitives.ReadUInt32BigEndian(span[(at + 1)..]);
            at += 1 + sizeof(uint);
            at += span.Slice(at, checked((int)Math.Min(length, int.MaxValue))).Length;
            required ??= (tag & RequiredSection) != 0 ? tag : null;
        }

        return required;
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
