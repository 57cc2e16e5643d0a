using System.Diagnostics;
using StackExchange.Redis;

namespace ReliableQueue.Benchmarks;

/// <summary>
/// The yardstick that does not move: the least that any queue on Redis does for a message, as three scripts that are kept here and never change. The bare scripts are the
/// library's own and get slower with it; measured against these, that shows. Same payloads, batches and calls in flight.
/// </summary>
internal sealed class Yardstick(DrainPlan plan, IConnectionMultiplexer redis)
{
    // KEYS: list, hash. ARGV: id, payload, and so on.
    private const string Enqueue = """
        for i = 1, #ARGV, 2 do
          redis.call('RPUSH', KEYS[1], ARGV[i])
          redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
        end
        """;

    // KEYS: list, sorted set, hash. ARGV: most, score. Reply: ids, payloads.
    private const string Lease = """
        local ids = redis.call('LPOP', KEYS[1], ARGV[1])
        if not ids then return {{}, {}} end
        for i = 1, #ids do redis.call('ZADD', KEYS[2], ARGV[2], ids[i]) end
        return {ids, redis.call('HMGET', KEYS[3], unpack(ids))}
        """;

    // KEYS: sorted set, hash. ARGV: ids.
    private const string Ack = """
        redis.call('ZREM', KEYS[1], unpack(ARGV))
        redis.call('HDEL', KEYS[2], unpack(ARGV))
        """;

    private static readonly RedisKey List = $"{{{Store.Prefix}:yardstick}}:list";
    private static readonly RedisKey Leases = $"{{{Store.Prefix}:yardstick}}:leases";
    private static readonly RedisKey Bodies = $"{{{Store.Prefix}:yardstick}}:bodies";

    private readonly IDatabase database = redis.GetDatabase();

    /// <summary>Messages enqueued and drained per second, and processor time of the Redis process per message.</summary>
    /// <param name="envelope">One envelope of the end-to-end run, byte for byte.</param>
    /// <param name="probe">Looks at the Redis.</param>
    public async Task<Rates> RunAsync(byte[] envelope, RedisProbe probe)
    {
        probe.Clear();
        var calls = Enumerable.Range(0, plan.Messages).Chunk(Broker.BrokerLimits.BatchSize)
            .Select(numbers => numbers.SelectMany(number => new RedisValue[] { Id(number), envelope }).ToArray()).ToList();
        var cpu = probe.ProcessorMicroseconds();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, DrainPlan.EnqueueCalls).Select(lane => EnqueueAsync(calls, lane)));
        var enqueued = clock.Elapsed.TotalSeconds;
        clock.Restart();
        await Task.WhenAll(Enumerable.Range(0, DrainPlan.DrainCalls).Select(_ => DrainAsync()));
        var drained = clock.Elapsed.TotalSeconds;
        var server = probe.ProcessorMicroseconds() - cpu;
        probe.MustBeEmpty();
        return new Rates(plan.Messages / enqueued, plan.Messages / drained, server / plan.Messages, 0, 0, 0);
    }

    private async Task EnqueueAsync(List<RedisValue[]> calls, int lane)
    {
        for (var at = lane; at < calls.Count; at += DrainPlan.EnqueueCalls)
        {
            await database.ScriptEvaluateAsync(Enqueue, [List, Bodies], calls[at]);
        }
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            var reply = (RedisResult[]?)await database.ScriptEvaluateAsync(Lease, [List, Leases, Bodies], [Broker.BrokerLimits.BatchSize, 30_000]) ?? [];
            if ((RedisValue[]?)reply[0] is not { Length: > 0 } ids)
            {
                return;
            }

            await database.ScriptEvaluateAsync(Ack, [Leases, Bodies], ids);
        }
    }

    // As long as an id of the library.
    private static byte[] Id(int number)
    {
        var id = new byte[16];
        BitConverter.TryWriteBytes(id, number);
        return id;
    }
}
