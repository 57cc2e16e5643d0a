namespace ReliableQueue.Messages;

/// <summary>
/// 8 random bytes in the envelope, drawn at every enqueue and again at every redrive. What a worker remembers of a message it remembers by incarnation, so a
/// message an operator put back is another one to it and runs.
/// </summary>
internal readonly record struct Incarnation(long Value)
{
    public static Incarnation New(IRandomSource random) => new(random.NextInt64());

    public override string ToString() => Value.ToString("x16", null);
}
