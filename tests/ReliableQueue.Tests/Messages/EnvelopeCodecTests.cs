using System.Text;
using ReliableQueue.Messages;
using ReliableQueue.TestKit;

namespace ReliableQueue.Tests.Messages;

public sealed class EnvelopeCodecTests
{
    private static readonly MessageLimits Limits = new(MaxBodyBytes: 10_000, MaxHeaders: 5, MaxHeaderBytes: 500);

    private static readonly DateTimeOffset Moment = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void TryDecode_WhatWasEncoded_IsEqual()
    {
        var random = new Random(7);
        var source = new SeededRandom(7);
        for (var round = 0; round < 2_000; round++)
        {
            var headers = Enumerable.Range(0, random.Next(6)).ToDictionary(number => $"name-{number}", _ => Text(random));
            var body = new byte[random.Next(2_000)];
            random.NextBytes(body);
            var sent = new Envelope(Incarnation.New(source), Moment.AddMilliseconds(random.NextInt64(1L << 40)), "type-" + round, headers, body);

            Assert.True(EnvelopeCodec.TryDecode(EnvelopeCodec.Encode(sent), Limits, out var read, out _));
            Assert.Equal((sent.Incarnation, sent.EnqueuedAt, sent.Type), (read.Incarnation, read.EnqueuedAt, read.Type));
            Assert.Equal(headers, read.Headers);
            Assert.Equal(body, read.Body.ToArray());
        }
    }

    [Fact]
    public void TryDecode_EveryPrefix_SaysWhatIsWrong()
    {
        var whole = Sample(new() { ["a"] = "b" });
        var head = whole.Length - 3;
        for (var length = 0; length < head; length++)
        {
            Assert.False(EnvelopeCodec.TryDecode(whole.AsMemory(0, length), Limits, out _, out var fault));
            Assert.NotEmpty(fault);
        }
    }

    [Fact]
    public void TryDecode_HostileBytes_NeverThrows()
    {
        var random = new Random(99);
        var whole = Sample(new() { ["a"] = "b", ["c"] = "d" });
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = whole.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var decoded = EnvelopeCodec.TryDecode(bytes, Limits, out var envelope, out var fault);
            Assert.Equal(decoded, envelope is not null);
            Assert.Equal(decoded, fault is null);
            Assert.True(!decoded || MessageTypes.IsName(envelope?.Type));
        }
    }

    [Fact]
    public void TryDecode_BodyOverTheLimit_NamesTheLimit()
    {
        var bytes = EnvelopeCodec.Encode(new Envelope(new Incarnation(1), Moment, "t", new Dictionary<string, string>(), new byte[10_001]));

        Assert.False(EnvelopeCodec.TryDecode(bytes, Limits, out _, out var fault));
        Assert.Contains("MaxBodyBytes", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryDecode_LaterVersion_SaysWhichItReads()
    {
        var bytes = Sample([]);
        bytes[0] = 2;

        Assert.False(EnvelopeCodec.TryDecode(bytes, Limits, out _, out var fault));
        Assert.Contains("version 2", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryDecode_DuplicateHeader_IsDamage()
    {
        var bytes = Sample(new() { ["aa"] = "1", ["bb"] = "2" });
        var at = bytes.AsSpan().IndexOf("bb"u8);
        bytes[at] = bytes[at + 1] = (byte)'a';

        Assert.False(EnvelopeCodec.TryDecode(bytes, Limits, out _, out _));
    }

    private static byte[] Sample(Dictionary<string, string> headers) => EnvelopeCodec.Encode(new Envelope(new Incarnation(42), Moment, "send-email", headers, "{ }"u8.ToArray()));

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var length = random.Next(12); length > 0; length--)
        {
            text.Append(new Rune(random.Next(4) == 0 ? random.Next(0x1F300, 0x1F5FF) : random.Next(0x20, 0xD7FF)));
        }

        return text.ToString();
    }
}
