namespace ReliableQueue.Broker;

/// <summary>One run of a worker or a producer, named by 8 random bytes. Part of every lease token and every call stamp.</summary>
/// <param name="Value">The 8 bytes as a number, big-endian. Never zero.</param>
public readonly record struct SessionId(long Value)
{
    /// <summary>Makes a new session.</summary>
    /// <param name="random">Where the 8 bytes come from.</param>
    public static SessionId New(IRandomSource random) => new(random.NextInt64());

    /// <summary>16 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", null);
}
