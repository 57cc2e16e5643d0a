namespace ReliableQueue.Producing;

/// <summary>How long whoever calls a broker waits before it tries again: doubles from 50 ms to 2 s with every failure in a row, jittered.</summary>
internal static class RetryPause
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    public static TimeSpan After(int failures, IRandomSource random)
    {
        var doubled = First * Math.Pow(2, Math.Min(failures - 1, 10));
        return random.Jitter(doubled < Longest ? doubled : Longest);
    }
}
