namespace ReliableQueue.Redis;

/// <summary>Every script of the broker. A test puts a broken one in the place of one of them.</summary>
internal sealed record RedisScripts
{
    /// <summary>The scripts of this assembly, read once.</summary>
    public static RedisScripts Shipped { get; } = new();

    /// <summary>The layout these scripts write.</summary>
    public RedisLayout Layout { get; init; } = RedisLayout.Current;

    /// <summary>Those that work on the keys of a queue.</summary>
    public IEnumerable<RedisScript> All =>
        [Enqueue, Lease, Ack, Settle, Renew, Return, Statistics, Browse, Find, Redrive, Delete, Purge, Pause, Announce, Workers, List, Queues];

    public RedisScript Enqueue { get; init; } = RedisScript.Load("enqueue");

    public RedisScript Lease { get; init; } = RedisScript.Load("lease");

    public RedisScript Ack { get; init; } = RedisScript.Load("ack");

    public RedisScript Settle { get; init; } = RedisScript.Load("settle");

    public RedisScript Renew { get; init; } = RedisScript.Load("renew");

    public RedisScript Return { get; init; } = RedisScript.Load("return");

    public RedisScript Statistics { get; init; } = RedisScript.Load("statistics");

    public RedisScript Browse { get; init; } = RedisScript.Load("browse");

    public RedisScript Find { get; init; } = RedisScript.Load("find");

    public RedisScript Redrive { get; init; } = RedisScript.Load("redrive");

    public RedisScript Delete { get; init; } = RedisScript.Load("delete");

    public RedisScript Purge { get; init; } = RedisScript.Load("purge");

    public RedisScript Pause { get; init; } = RedisScript.Load("pause");

    public RedisScript Announce { get; init; } = RedisScript.Load("announce");

    public RedisScript Workers { get; init; } = RedisScript.Load("workers");

    public RedisScript List { get; init; } = RedisScript.Load("list");

    public RedisScript Queues { get; init; } = RedisScript.Load("queues");

    public RedisScript Info { get; init; } = RedisScript.Load("info");
}
