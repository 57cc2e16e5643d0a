namespace ReliableQueue.TestKit;

/// <summary>Chance that repeats: the same seed gives the same ids, tokens and jitter.</summary>
public sealed class SeededRandom(int seed) : IRandomSource
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);

    public void Fill(Span<byte> bytes)
    {
        lock (gate)
        {
            random.NextBytes(bytes);
        }
    }
}
