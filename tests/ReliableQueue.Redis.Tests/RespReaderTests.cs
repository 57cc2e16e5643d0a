using System.Text;
using Xunit;

namespace ReliableQueue.Redis.Tests;

/// <summary>The few reply types of the renewal connection.</summary>
public sealed class RespReaderTests
{
    [Theory]
    [InlineData("+OK\r\n", "OK")]
    [InlineData(":42\r\n", "42")]
    [InlineData("$5\r\na\r\nbc\r\n", "a\r\nbc")]
    [InlineData("$0\r\n\r\n", "")]
    [InlineData("$-1\r\n", "")]
    [InlineData("*2\r\n$1\r\n1\r\n:0\r\n", "1|0")]
    [InlineData("*0\r\n", null)]
    [InlineData("*-1\r\n", null)]
    public void Read_Reply_GivesItsItems(string reply, string? items) =>
        Assert.Equal(items?.Split('|') ?? [], Read(reply).Select(Encoding.UTF8.GetString));

    [Theory]
    [InlineData("-ERR no\r\n")]
    [InlineData("*1\r\n-ERR no\r\n")]
    public void Read_Error_IsThrownWithItsText(string reply) => Assert.Equal("ERR no", Assert.Throws<RespException>(() => Read(reply)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("$5\r\nab")]
    [InlineData("+OK")]
    [InlineData("*2\r\n:1\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("$99999999999\r\n")]
    [InlineData("$2\r\nabcd\r\n")]
    public void Read_CutOrForeignAnswer_IsAnIoFault(string reply) => Assert.ThrowsAny<IOException>(() => Read(reply));

    [Fact]
    public void Read_TwoReplies_AreKeptApart()
    {
        var reader = new RespReader(new MemoryStream(Encoding.UTF8.GetBytes("+A\r\n$1\r\nB\r\n")));
        Assert.Equal("A"u8, Assert.Single(reader.Read()));
        Assert.Equal("B"u8, Assert.Single(reader.Read()));
    }

    private static byte[][] Read(string reply) => new RespReader(new MemoryStream(Encoding.UTF8.GetBytes(reply))).Read();
}
