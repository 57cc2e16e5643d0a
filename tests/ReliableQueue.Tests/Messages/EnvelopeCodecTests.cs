using System.Buffers.Binary;
using System.Text;
using CsCheck;
using ReliableQueue.Messages;

namespace ReliableQueue.Tests.Messages;

public sealed class EnvelopeCodecTests
{
    // As version 1 writes it, and as it may lie in a broker for years. Never change this text: a version that cannot read it is wrong.
    private const string StoredVersion1 = "01010000019B7CA98F2E000A73656E642D656D61696C000200057472616365000430302D31000473686F7000076CC3BC6265636B007B7D";

    private static readonly MessageLimits Limits = new(MaxBodyBytes: 10_000, MaxHeaders: 5, MaxHeaderBytes: 500);

    private static readonly DateTimeOffset Moment = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    // Every length of text that fits the limits, characters outside the basic plane among them; names differ by their number.
    private static readonly Gen<string> Text = Gen.Frequency((3, Gen.Int[0x20, 0xD7FE]), (1, Gen.Int[0x1F300, 0x1F5FE])).Select(code => new Rune(code).ToString()).Array[0, 12].Select(string.Concat);

    private static readonly Gen<Envelope> Any =
        from milliseconds in Gen.Long[0, 1L << 40]
        from type in Gen.Int[0, 9_999]
        from values in Text.Array[0, 5]
        from body in Gen.Byte.Array[0, 2_000]
        select new Envelope(Moment.AddMilliseconds(milliseconds), "type-" + type, values.Index().ToDictionary(value => $"name-{value.Index}", value => value.Item), body);

    [Fact]
    public void Decode_WhatWasEncoded_IsEqual() => Any.Sample(
        sent =>
        {
            var read = Read(EnvelopeCodec.Encode(sent));
            Assert.Equal((sent.EnqueuedAt, sent.Type), (read.EnqueuedAt, read.Type));
            Assert.Equal(sent.Headers, read.Headers);
            Assert.Equal(sent.Body.ToArray(), read.Body.ToArray());
        },
        iter: 2_000);

    [Fact]
    public void Decode_StoredBytesOfVersion1_AreRead()
    {
        var read = Read(Convert.FromHexString(StoredVersion1));

        Assert.Equal((Moment, "send-email", "{}"), (read.EnqueuedAt, read.Type, Encoding.UTF8.GetString(read.Body.Span)));
        Assert.Equal(new Dictionary<string, string> { ["trace"] = "00-1", ["shop"] = "lübeck" }, read.Headers);
    }

    [Fact]
    public void Encode_Version1_WritesTheStoredBytes()
    {
        var headers = new Dictionary<string, string> { ["trace"] = "00-1", ["shop"] = "lübeck" };
        Assert.Equal(
            StoredVersion1,
            Convert.ToHexString(EnvelopeCodec.Encode(new Envelope(Moment, "send-email", headers, "{}"u8.ToArray()))));
    }

    [Fact]
    public void Decode_EveryPrefix_IsDamaged()
    {
        var whole = Sample(new() { ["a"] = "b" });
        var head = whole.Length - 3;
        for (var length = 0; length < head; length++)
        {
            AssertDamaged(EnvelopeCodec.Decode(whole.AsMemory(0, length), Limits));
        }
    }

    [Fact]
    public void Decode_HostileBytes_NeverThrows()
    {
        var whole = WithSections(Sample(new() { ["a"] = "b", ["c"] = "d" }), (3, "abc"u8.ToArray()));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 5].Sample(
            flips =>
            {
                var bytes = whole.ToArray();
                foreach (var (at, value) in flips)
                {
                    bytes[at] = value;
                }

                var reading = EnvelopeCodec.Decode(bytes, Limits);
                Assert.Equal(reading.Fault is null, reading.Envelope != Envelope.Unread);
                Assert.True(reading.Fault is not null || MessageTypes.IsName(reading.Envelope.Type));
                Assert.True(reading.Fault is not null || !reading.IsNewer);
            },
            iter: 20_000);
    }

    [Fact]
    public void Decode_BodyOverTheLimit_NamesTheLimit()
    {
        var bytes = EnvelopeCodec.Encode(new Envelope(Moment, "t", new Dictionary<string, string>(), new byte[10_001]));

        AssertDamaged(EnvelopeCodec.Decode(bytes, Limits), "MaxBodyBytes");
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(255, 2)]
    [InlineData(255, 255)]
    public void Decode_ForLaterReadersOnly_IsNewerWhateverFollows(byte version, byte lowestReader)
    {
        var bytes = new byte[20];
        Array.Fill(bytes, (byte)0xFF);
        (bytes[0], bytes[1]) = (version, lowestReader);

        AssertNewer(EnvelopeCodec.Decode(bytes, Limits), $"version {version}, for readers of version {lowestReader}");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void Decode_VersionsThatNoLibraryWrites_IsDamaged(byte version, byte lowestReader)
    {
        var bytes = Sample([]);
        (bytes[0], bytes[1]) = (version, lowestReader);

        AssertDamaged(EnvelopeCodec.Decode(bytes, Limits), "lowest reader");
    }

    [Fact]
    public void Decode_LaterVersionThatThisOneCanRead_IsReadWithoutTheSectionsItDoesNotKnow()
    {
        var bytes = WithSections(Sample(new() { ["a"] = "b" }), (1, []), (0x7F, new byte[300]), (1, "twice"u8.ToArray()));
        bytes[0] = 9;

        var read = Read(bytes);

        Assert.Equal(("send-email", "b", "{ }"), (read.Type, read.Headers["a"], Encoding.UTF8.GetString(read.Body.Span)));
    }

    [Fact]
    public void Decode_RequiredSectionItDoesNotKnow_IsNewer()
    {
        var bytes = WithSections(Sample([]), (1, []), (EnvelopeCodec.RequiredSection | 5, [7]));
        bytes[0] = 3;

        AssertNewer(EnvelopeCodec.Decode(bytes, Limits), "required section 133");
    }

    [Theory]
    [InlineData(0xFFFFFFFF)]
    [InlineData(0x7FFFFFFF)]
    [InlineData(4)]
    public void Decode_SectionLongerThanTheEnvelope_IsDamaged(uint length)
    {
        var bytes = WithSections(Sample([]), (EnvelopeCodec.RequiredSection, []));
        bytes = bytes[..^3];
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 4), length);

        AssertDamaged(EnvelopeCodec.Decode(bytes, Limits));
    }

    [Fact]
    public void Decode_DuplicateHeader_IsDamaged()
    {
        var bytes = Sample(new() { ["aa"] = "1", ["bb"] = "2" });
        var at = bytes.AsSpan().IndexOf("bb"u8);
        bytes[at] = bytes[at + 1] = (byte)'a';

        AssertDamaged(EnvelopeCodec.Decode(bytes, Limits));
    }

    private static Envelope Read(byte[] bytes)
    {
        var reading = EnvelopeCodec.Decode(bytes, Limits);
        Assert.Null(reading.Fault);
        Assert.False(reading.IsNewer);
        return reading.Envelope;
    }

    private static void AssertDamaged(EnvelopeReading reading, string because = "")
    {
        Assert.False(reading.IsNewer);
        Assert.Contains(because, Assert.IsType<string>(reading.Fault), StringComparison.Ordinal);
        Assert.Equal(Envelope.Unread, reading.Envelope);
    }

    private static void AssertNewer(EnvelopeReading reading, string because)
    {
        Assert.True(reading.IsNewer);
        Assert.Contains(because, reading.Fault, StringComparison.Ordinal);
        Assert.Equal(Envelope.Unread, reading.Envelope);
    }

    private static byte[] Sample(Dictionary<string, string> headers) => EnvelopeCodec.Encode(new Envelope(Moment, "send-email", headers, "{ }"u8.ToArray()));

    /// <summary>Puts sections before the three bytes of the sample's body.</summary>
    private static byte[] WithSections(byte[] sample, params (int Tag, byte[] Bytes)[] sections)
    {
        var bytes = new List<byte>(sample[..^4]) { (byte)sections.Length };
        foreach (var (tag, content) in sections)
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
            bytes.AddRange([(byte)tag, .. length, .. content]);
        }

        return [.. bytes, .. sample[^3..]];
    }
}
