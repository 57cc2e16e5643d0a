namespace ReliableQueue.Redis;

/// <summary>Every script, read once.</summary>
internal static class RedisScripts
{
    public static RedisScript Enqueue { get; } = RedisScript.Load("enqueue");

    public static RedisScript Lease { get; } = RedisScript.Load("lease");

    public static RedisScript Ack { get; } = RedisScript.Load("ack");

    public static RedisScript Settle { get; } = RedisScript.Load("settle");

    public static RedisScript Renew { get; } = RedisScript.Load("renew");

    public static RedisScript Return { get; } = RedisScript.Load("return");

    public static RedisScript Statistics { get; } = RedisScript.Load("statistics");

    public static RedisScript DeadLetters { get; } = RedisScript.Load("deadletters");
}
