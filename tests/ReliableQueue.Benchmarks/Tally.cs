namespace ReliableQueue.Benchmarks;

/// <summary>Counts how often each message was handled, and says when all were.</summary>
internal sealed class Tally(int messages) : IArrivals
{
    private readonly int[] handled = new int[messages];
    private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int left = messages;

    /// <summary>Completes when every message was handled at least once.</summary>
    public Task Complete => complete.Task;

    public bool IsEachOnce => Array.TrueForAll(handled, times => times == 1);

    public void Entered(int number)
    {
        if (Interlocked.Increment(ref handled[number]) == 1 && Interlocked.Decrement(ref left) == 0)
        {
            complete.SetResult();
        }
    }
}
