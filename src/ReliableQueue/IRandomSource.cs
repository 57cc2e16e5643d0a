namespace ReliableQueue;

/// <summary>The one source of chance: ids, tokens and jitter are drawn from it, so that a test can repeat a run bit for bit.</summary>
public interface IRandomSource
{
    /// <summary>Fills the span with random bytes. Safe to call from any thread.</summary>
    /// <param name="bytes">What to fill, to its end.</param>
    void Fill(Span<byte> bytes);
}
