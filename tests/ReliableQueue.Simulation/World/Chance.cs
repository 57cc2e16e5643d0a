using System.Buffers.Binary;

namespace ReliableQueue.Simulation.World;

/// <summary>All chance of one simulation, from its seed: SplitMix64, because a million seeds must cost nothing to begin.</summary>
internal sealed class Chance(ulong seed) : IRandomSource
{
    private ulong state = seed;

    public ulong Next()
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>Evenly from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Between(int least, int most) => least + (int)(Next() % (ulong)(most - least + 1));

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * this.NextDouble());

    public TimeSpan Milliseconds(int least, int most) => TimeSpan.FromMilliseconds(Between(least, most));

    public bool Hit(double probability) => this.NextDouble() < probability;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Between(0, choices.Length - 1)];

    /// <summary>A source of its own, so that what one part draws does not shift what another gets.</summary>
    public Chance Fork() => new(Next());

    public void Fill(Span<byte> bytes)
    {
        Span<byte> drawn = stackalloc byte[sizeof(ulong)];
        for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, drawn.Length)..])
        {
            BinaryPrimitives.WriteUInt64BigEndian(drawn, Next());
            drawn[..Math.Min(bytes.Length, drawn.Length)].CopyTo(bytes);
        }
    }
}
