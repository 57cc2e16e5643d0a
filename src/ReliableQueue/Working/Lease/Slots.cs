namespace ReliableQueue.Working.Lease;

/// <summary>
/// How many messages may be in hand at once. Only the pump takes slots; a slot comes back when the settlement of its message has been answered, not when the handler
/// returned: else a slow broker would let a worker hold more than it may.
/// </summary>
internal sealed class Slots(int count, TimeProvider time)
{
    private int taken;

    public int Taken => Volatile.Read(ref taken);

    public int Count => count;

    public int Free => count - Taken;

    /// <summary>Set whenever slots came back.</summary>
    public Signal Freed { get; } = new(time);

    public void Take(int number) => Interlocked.Add(ref taken, number);

    public void Return(int number)
    {
        Interlocked.Add(ref taken, -number);
        Freed.Set();
    }
}
