namespace ReliableQueue.FaultWorker;

/// <summary>Numbers for what worker processes enqueue themselves: no two processes give the same, and no producer of a test.</summary>
public static class Numbers
{
    /// <summary>Begins the line that says, before the call, which number is about to be enqueued.</summary>
    public const string Attempted = "attempted";

    private const long OfOneProcess = 100_000_000;

    private static long last = Environment.ProcessId * OfOneProcess;

    /// <summary>The first of so many.</summary>
    public static long Next(int count) => Interlocked.Add(ref last, count) - count + 1;
}
