using System.Buffers.Binary;
using System.Numerics;

namespace ReliableQueue.Storage;

/// <summary>CRC-32C (Castagnoli), as in RFC 3720. Finds every single-bit and every burst error up to 32 bits.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of nothing; where every chain of <see cref="Append"/> starts.</summary>
    public const uint Empty = 0;

    /// <summary>The checksum of what <paramref name="checksum"/> covers, followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var state = ~checksum;
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return ~state;
    }
}
