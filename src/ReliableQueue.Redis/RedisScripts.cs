namespace ReliableQueue.Redis;

/// <summary>Every script of the broker. A test puts a broken one in the place of one of them.</summary>
internal sealed record RedisScripts
{
    /// <summary>The scripts of this assembly, read once.</summary>
    public static RedisScripts Shipped { get; } = new();

    /// <summary>The layout these scripts write.</summary>
    public RedisLayout Layout { get; init; } = RedisLayout.Current;

    /// <summary>Those that work on the keys of a queue.</summary>
    public IEnumerable<RedisScript> All => [Enqueue, Lease, Ack, Settle, Renew, Return, Statistics, DeadLetters];

    public RedisScript Enqueue { get; init; } = RedisScript.Load("enqueue");

    public RedisScript Lease { get; init; } = RedisScript.Load("lease");

    public RedisScript Ack { get; init; } = RedisScript.Load("ack");

    public RedisScript Settle { get; init; } = RedisScript.Load("settle");

    public RedisScript Renew { get; init; } = RedisScript.Load("renew");

    public RedisScript Return { get; init; } = RedisScript.Load("return");

    public RedisScript Statistics { get; init; } = RedisScript.Load("statistics");

    public RedisScript DeadLetters { get; init; } = RedisScript.Load("deadletters");

    public RedisScript Info { get; init; } = RedisScript.Load("info");
}
