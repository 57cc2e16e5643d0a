using System.Buffers;
using System.Text;
using CsCheck;
using ReliableQueue.Messages;

namespace ReliableQueue.Tests.Messages;

public sealed class JsonMessageSerializerTests
{
    private const string Canary = "canary";

    private readonly JsonMessageSerializer serializer = new([], maxDepth: 8);

    [Fact]
    public void Read_WhatWasWritten_IsEqual()
    {
        var parcel = new Parcel("é \"quoted\" \U0001F4E6", 7, new Parcel("inner", -1, null));

        Assert.Equal(parcel, serializer.Read<Parcel>(Written(parcel)));
    }

    [Fact]
    public void Read_UnknownProperty_IsIgnored() => Assert.Equal(3, serializer.Read<Parcel>("""{"Label":"x","Weight":3,"AddedLater":{"a":[1]}}"""u8.ToArray()).Weight);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("canary")]
    [InlineData("[]")]
    [InlineData("\"canary\"")]
    [InlineData("{\"Label\":\"canary\",\"Weight\":1} trailing")]
    [InlineData("{\"Label\":\"canary\",\"Weight\":1}{}")]
    [InlineData("{\"Label\":\"canary\",\"Weight\":1,\"Weight\":2}")]
    [InlineData("{\"Label\":\"canary\",\"Weight\":\"1\"}")]
    [InlineData("{\"Label\":\"canary\",\"Weight\":")]
    [InlineData("\uFEFF{\"Label\":\"canary\",\"Weight\":1}")]
    [InlineData("{\"Label\":\"canary\",\"Weight\":-1000}")]
    public void Read_BadBody_ThrowsUnreadableWithoutItsContent(string body) => AssertUnreadable(Encoding.UTF8.GetBytes(body));

    [Fact]
    public void Read_InvalidUtf8InASkippedProperty_ThrowsUnreadable() => AssertUnreadable([.. "{\"Label\":\"canary\",\"Other\":\""u8, 0xC3, 0x28, .. "\"}"u8]);

    [Fact]
    public void Read_DeepNesting_ThrowsUnreadable()
    {
        AssertUnreadable(Encoding.UTF8.GetBytes("{\"Other\":" + new string('[', 9) + new string(']', 9) + "}"));
        AssertUnreadable(Encoding.UTF8.GetBytes(new string('[', 1_000_000)));
    }

    [Fact]
    public void Read_RandomBytes_ThrowsUnreadableAndNothingElse()
    {
        var good = Written(new Parcel(Canary, 1, new Parcel("inner", 2, null))).ToArray();
        var almostGood = Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, (at, value) => good.Select((old, index) => index == at ? value : old).ToArray());
        Gen.OneOf(almostGood, Gen.Byte.Array[0, 40]).Sample(
            bytes =>
            {
                try
                {
                    serializer.Read<Parcel>(bytes);
                }
                catch (MessageUnreadableException exception)
                {
                    Assert.DoesNotContain(Canary, exception.ToString(), StringComparison.Ordinal);
                }
            },
            iter: 5_000);
    }

    [Fact]
    public void Write_Cycle_ThrowsSerialization()
    {
        var node = new Node();
        node.Next = node;

        AssertUnwritable(node);
    }

    [Fact]
    public void Write_TooDeep_ThrowsSerialization()
    {
        var parcel = new Parcel("leaf", 1, null);
        for (var level = 0; level < 9; level++)
        {
            parcel = new Parcel("level", 1, parcel);
        }

        AssertUnwritable(parcel);
    }

    [Fact]
    public void Write_NotFinite_ThrowsSerialization() => AssertUnwritable(new Measure(double.NaN));

    [Fact]
    public void Write_GetterThatThrows_KeepsWhatItThrew() => Assert.IsType<NotImplementedException>(AssertUnwritable(new Broken()).InnerException);

    [Fact]
    public void Write_AfterAFailure_WritesTheNextMessageWhole()
    {
        AssertUnwritable(new Broken());

        Assert.Equal("""{"Label":"x","Inside":null,"Weight":1}""", Encoding.UTF8.GetString(Written(new Parcel("x", 1, null)).Span));
    }

    [Fact]
    public void Write_TypeOfAContext_UsesTheOptionsOfThatContext()
    {
        var camel = new JsonMessageSerializer([CamelJsonContext.Default], maxDepth: 8);
        var body = new ArrayBufferWriter<byte>();
        camel.Write(new CamelNote("x"), body);

        Assert.Equal("""{"shortText":"x"}""", Encoding.UTF8.GetString(body.WrittenSpan));
        Assert.Equal("x", camel.Read<CamelNote>(body.WrittenMemory).ShortText);
        Assert.Throws<MessageUnreadableException>(() => camel.Read<CamelNote>("""{"shortText":"x","shortText":"y"}"""u8.ToArray()));
    }

    [Fact]
    public void FaultOf_TypeThatCannotBeJson_IsSaidAtStart()
    {
        Assert.Null(serializer.FaultOf<Parcel>());
        Assert.NotNull(serializer.FaultOf<TwoConstructors>());
    }

    private ReadOnlyMemory<byte> Written<TMessage>(TMessage message)
    {
        var body = new ArrayBufferWriter<byte>();
        serializer.Write(message, body);
        return body.WrittenMemory;
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("{\"Title\":7}", true)]
    [InlineData("{\"Title\":\"x\"} y", false)]
    [InlineData("{\"Title\":", false)]
    [InlineData("null", false)]
    [InlineData("[]", true)]
    [InlineData("seven", false)]
    [InlineData("", false)]
    public void Read_BadBody_SaysWhetherItIsJsonOfAnotherShape(string body, bool isOfAnotherShape)
    {
        var exception = Assert.Throws<MessageUnreadableException>(() => serializer.Read<Demanding>(Encoding.UTF8.GetBytes(body)));
        Assert.Equal(isOfAnotherShape, exception.IsOfAnotherShape);
    }

    private sealed record Demanding
    {
        public required string Title { get; init; }
    }

    private void AssertUnreadable(byte[] body)
    {
        var exception = Assert.Throws<MessageUnreadableException>(() => serializer.Read<Parcel>(body));
        Assert.DoesNotContain(Canary, exception.ToString(), StringComparison.Ordinal);
    }

    private MessageSerializationException AssertUnwritable<TMessage>(TMessage message)
    {
        var exception = Assert.Throws<MessageSerializationException>(() => serializer.Write(message, new ArrayBufferWriter<byte>()));
        Assert.Equal(typeof(TMessage), exception.MessageType);
        Assert.NotNull(exception.InnerException);
        return exception;
    }

    internal sealed record Parcel(string Label, double Weight, Parcel? Inside)
    {
        public double Weight { get; } = Weight >= -100 ? Weight : throw new ArgumentOutOfRangeException(nameof(Weight), $"refused for {Label}");
    }

    internal sealed record Measure(double Value);

    internal sealed class Node
    {
        public Node? Next { get; set; }
    }

    internal sealed class Broken
    {
        public string First { get; } = "written";

        public string Second => throw new NotImplementedException();
    }

    internal sealed class TwoConstructors
    {
        [System.Text.Json.Serialization.JsonConstructor]
        public TwoConstructors(int a) => Value = a;

        [System.Text.Json.Serialization.JsonConstructor]
        public TwoConstructors(string b) => Value = b.Length;

        public int Value { get; }
    }
}
