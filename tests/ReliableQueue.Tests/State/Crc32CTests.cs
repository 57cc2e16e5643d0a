using System.Text;
using ReliableQueue.Storage;

namespace ReliableQueue.Tests.State;

public sealed class Crc32CTests
{
    public static TheoryData<byte[], uint> KnownVectors => new()
    {
        { [], 0 },
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },

        // RFC 3720, appendix B.4.
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(value => (byte)value)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(value => (byte)(31 - value))], 0x113FDB5C },
    };

    [Theory]
    [MemberData(nameof(KnownVectors))]
    public void Append_KnownBytes_GivesTheKnownChecksum(byte[] bytes, uint expected) => Assert.Equal(expected, Crc32C.Append(Crc32C.Empty, bytes));

    [Fact]
    public void Append_InParts_IsTheSameAsAtOnce()
    {
        var bytes = Enumerable.Range(0, 100).Select(value => (byte)(value * 7)).ToArray();
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(Crc32C.Append(Crc32C.Empty, bytes), Crc32C.Append(Crc32C.Append(Crc32C.Empty, bytes.AsSpan(..cut)), bytes.AsSpan(cut..)));
        }
    }
}
