using System.Security.Cryptography;

namespace ReliableQueue;

/// <summary>The operating system's cryptographic randomness, drawn in blocks because one draw per message would cost more than enqueuing it.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    private const int BlockLength = 4096;

    [ThreadStatic]
    private static byte[]? block;

    [ThreadStatic]
    private static int used;

    private SystemRandomSource()
    {
    }

    /// <summary>The instance everything uses unless a test injects another.</summary>
    public static SystemRandomSource Instance { get; } = new();

    /// <inheritdoc/>
    public void Fill(Span<byte> bytes)
    {
        if (bytes.Length > BlockLength)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }

        if (block is null || used + bytes.Length > BlockLength)
        {
            block ??= new byte[BlockLength];
            RandomNumberGenerator.Fill(block);
            used = 0;
        }

        block.AsSpan(used, bytes.Length).CopyTo(bytes);
        used += bytes.Length;
    }
}
