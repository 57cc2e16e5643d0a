using System.Diagnostics;

namespace ReliableQueue.TestKit;

/// <summary>How slow a network is, in each direction.</summary>
/// <param name="Latency">How long a byte is under way at least.</param>
/// <param name="Jitter">How much longer at most, drawn anew for each piece; pieces stay in order.</param>
/// <param name="BytesPerSecond">Null: as many as there are.</param>
public sealed record NetworkPace(TimeSpan Latency = default, TimeSpan Jitter = default, int? BytesPerSecond = null)
{
    /// <summary>How much is read at once: little when each piece has to wait its turn.</summary>
    internal int Chunk => BytesPerSecond is null ? 64 * 1024 : 1024;

    /// <summary>When a piece that was read now arrives, after the one before it.</summary>
    internal long Due(long last, int length)
    {
        var now = Stopwatch.GetTimestamp();
        var sent = BytesPerSecond is { } rate ? Math.Max(now, last) + Ticks(TimeSpan.FromSeconds((double)length / rate)) : now;
        return Math.Max(last, sent + Ticks(Latency + (Jitter * Random.Shared.NextDouble())));
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}
