using System.Buffers.Binary;

namespace ReliableQueue;

/// <summary>Numbers drawn from an <see cref="IRandomSource"/>.</summary>
public static class RandomSourceExtensions
{
    /// <summary>A random 64-bit number that is never zero, because zero stands for "none" in stored records.</summary>
    /// <param name="random">Where the chance comes from.</param>
    public static long NextInt64(this IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        random.Fill(bytes);
        var value = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return value == 0 ? 1 : value;
    }

    /// <summary>A random number in [0, 1).</summary>
    /// <param name="random">Where the chance comes from.</param>
    public static double NextDouble(this IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        random.Fill(bytes);
        return (BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The delay spread evenly over ± 25 %, so that clients that failed together do not come back together.</summary>
    /// <param name="random">Where the chance comes from.</param>
    /// <param name="delay">The middle of the range.</param>
    public static TimeSpan Jitter(this IRandomSource random, TimeSpan delay) => delay * (0.75 + (0.5 * random.NextDouble()));
}
