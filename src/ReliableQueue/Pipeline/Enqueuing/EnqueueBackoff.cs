namespace ReliableQueue.Pipeline.Enqueuing;

/// <summary>How long a lane waits after its n-th failure in a row: 50 ms, doubling to 2 s, spread by a quarter either way.</summary>
internal static class EnqueueBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    public static TimeSpan After(int failures, IRandomSource random)
    {
        var middle = First * (1L << Math.Clamp(failures - 1, 0, 10));
        return random.Jitter(middle < Longest ? middle : Longest);
    }
}
