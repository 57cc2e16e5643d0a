using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ReliableQueue;

/// <summary>
/// Names one message for its whole life: a version 7 UUID (RFC 9562), so ids sort by the producer's clock. Text form: 36 lower-case characters, in JSON, in routes and
/// queries of minimal APIs, and in configuration as well.
/// </summary>
[JsonConverter(typeof(ParsableJsonConverter<MessageId>))]
[TypeConverter(typeof(ParsableTypeConverter<MessageId>))]
public readonly record struct MessageId : IComparable<MessageId>, ISpanParsable<MessageId>
{
    /// <summary>How many bytes <see cref="WriteTo"/> writes: 16.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public const int ByteLength = 16;

    private readonly Guid value;

    private MessageId(Guid value) => this.value = value;

    /// <summary>When the producer made this id, by its clock, to the millisecond. For display and gauges; nothing is decided by it.</summary>
    public DateTimeOffset CreatedAt
    {
        get
        {
            Span<byte> bytes = stackalloc byte[ByteLength];
            WriteTo(bytes);
            return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16);
        }
    }

    /// <summary>Makes a new id.</summary>
    /// <param name="time">The clock whose time is put into the id.</param>
    /// <param name="random">Where the other 74 bits come from.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static MessageId New(TimeProvider time, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[ByteLength];
        random.Fill(bytes[6..]);
        var milliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(milliseconds >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)milliseconds);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return Read(bytes);
    }

    /// <summary>Reads an id from the 16 bytes <see cref="WriteTo"/> wrote.</summary>
    /// <param name="bytes">Exactly 16 bytes, big-endian as in the text form.</param>
    /// <exception cref="ArgumentException">The span is not 16 bytes long.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static MessageId Read(ReadOnlySpan<byte> bytes) => new(new Guid(bytes, bigEndian: true));

    /// <summary>Writes the 16 bytes of this id, big-endian as in the text form.</summary>
    /// <param name="destination">At least 16 bytes.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void WriteTo(Span<byte> destination) => value.TryWriteBytes(destination, bigEndian: true, out _);

    /// <summary>The 16 bytes of this id in a new array.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public byte[] ToByteArray() => value.ToByteArray(bigEndian: true);

    /// <summary>Reads the text form.</summary>
    /// <param name="text">36 characters with hyphens, as <see cref="ToString"/> writes them.</param>
    /// <param name="id">The id, when the text was one.</param>
    /// <returns>Whether the text was an id.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out MessageId id) => TryParse(text.AsSpan(), null, out id);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out MessageId result) => TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out MessageId result)
    {
        // The length, too: Guid skips white space around its text, and an id has one text.
        var value = Guid.Empty;
        var parsed = s.Length == 36 && Guid.TryParseExact(s, "D", out value);
        result = new MessageId(value);
        return parsed;
    }

    /// <summary>Reads the text form.</summary>
    /// <param name="text">36 characters with hyphens, as <see cref="ToString"/> writes them.</param>
    /// <exception cref="FormatException">The text is no id.</exception>
    public static MessageId Parse(string text) => Parse(text, null);

    /// <inheritdoc/>
    public static MessageId Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc/>
    public static MessageId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => TryParse(s, provider, out var id)
        ? id
        : throw new FormatException("The text is no message id: one is 36 characters with hyphens, for example 01939f5e-6c1a-7b3e-9d7f-2a4c8e0b1d5f.");

    /// <inheritdoc/>
    public int CompareTo(MessageId other) => value.CompareTo(other.value);

    /// <summary>Whether one id sorts before the other.</summary>
    public static bool operator <(MessageId left, MessageId right) => left.CompareTo(right) < 0;

    /// <summary>Whether one id sorts before the other or equals it.</summary>
    public static bool operator <=(MessageId left, MessageId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one id sorts after the other.</summary>
    public static bool operator >(MessageId left, MessageId right) => left.CompareTo(right) > 0;

    /// <summary>Whether one id sorts after the other or equals it.</summary>
    public static bool operator >=(MessageId left, MessageId right) => left.CompareTo(right) >= 0;

    /// <summary>The text form: 36 lower-case characters.</summary>
    public override string ToString() => value.ToString("D");
}
