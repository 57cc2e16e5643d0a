using System.Diagnostics;
using System.Threading.Channels;
using ReliableQueue.Broker;
using ReliableQueue.Redis;
using StackExchange.Redis;

namespace ReliableQueue.Benchmarks;

/// <summary>
/// The ceiling: the same scripts on the same client library, called by one process with ready-made bytes: same batch size, calls in flight, envelope bytes and
/// persistence; no JSON, no container, no handler, no leases to keep.
/// </summary>
internal sealed class BareScripts(DrainPlan plan, IConnectionMultiplexer redis, string prefix)
{
    private readonly IDatabase database = redis.GetDatabase();
    private readonly RedisKeys keys = new(prefix, QueueName.Parse("bench"));
    private readonly SessionId session = SessionId.New(SystemRandomSource.Instance);

    /// <param name="envelope">One envelope of the end-to-end run, byte for byte.</param>
    /// <param name="probe">Looks at the Redis.</param>
    public async Task<Rates> RunAsync(byte[] envelope, RedisProbe probe)
    {
        probe.Clear();
        var calls = MakeCalls(envelope);
        var cpu = probe.ProcessorMicroseconds();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, DrainPlan.EnqueueCalls).Select(lane => EnqueueAsync(calls, lane)));
        var enqueued = clock.Elapsed.TotalSeconds;
        clock.Restart();
        var client = Environment.CpuUsage.TotalTime;
        await DrainAsync();
        client = Environment.CpuUsage.TotalTime - client;
        var drained = clock.Elapsed.TotalSeconds;
        var server = probe.ProcessorMicroseconds() - cpu;
        probe.MustBeEmpty();
        return new Rates(plan.Messages / enqueued, plan.Messages / drained, server / plan.Messages, client.TotalMicroseconds / plan.Messages, 0, 0);
    }

    private List<byte[][]> MakeCalls(byte[] envelope) => [.. Enumerable.Range(0, plan.Messages)
        .Select(_ => MessageId.New(TimeProvider.System, SystemRandomSource.Instance).ToByteArray())
        .Chunk(BrokerLimits.BatchSize)
        .Select(ids => ids.SelectMany(id => new[] { id, envelope }).ToArray())];

    private async Task EnqueueAsync(List<byte[][]> calls, int lane)
    {
        var number = 0;
        for (var at = lane; at < calls.Count; at += DrainPlan.EnqueueCalls)
        {
            byte[][] head =
            [
                ScriptArguments.Lane(new CallStamp(session, lane, 0)), ScriptArguments.Number(++number), ScriptArguments.Number(1), keys.Hint,
            ];
            await CallAsync(RedisScripts.Shipped.Enqueue, keys.Enqueue, [.. head, .. calls[at]]);
        }
    }

    /// <summary>One lease and one ack in flight, and never more held than the worker may have.</summary>
    private async Task DrainAsync()
    {
        var leased = Channel.CreateUnbounded<RedisResult[]>();
        using var room = new SemaphoreSlim(plan.Concurrency, plan.Concurrency);
        var leasing = LeaseAsync(leased.Writer, room);
        await foreach (var reply in leased.Reader.ReadAllAsync())
        {
            var members = new byte[(reply.Length - 6) / 2][];
            for (var i = 0; i < members.Length; i++)
            {
                members[i] = (byte[]?)reply[6 + (2 * i)] ?? [];
            }

            await CallAsync(RedisScripts.Shipped.Ack, keys.Ack, members);
            room.Release(members.Length);
        }

        await leasing;
    }

    private async Task LeaseAsync(ChannelWriter<RedisResult[]> leased, SemaphoreSlim room)
    {
        var number = 0;
        for (var left = plan.Messages; left > 0;)
        {
            await room.WaitAsync();
            var most = 1;
            while (most < BrokerLimits.BatchSize && room.Wait(0))
            {
                most++;
            }

            byte[][] arguments =
            [
                ScriptArguments.Session(session), ScriptArguments.Lane(new CallStamp(session, 100, 0)), ScriptArguments.Mark(session),
                ScriptArguments.Number(++number), ScriptArguments.Number(1), keys.Hint, ScriptArguments.Number(most), ScriptArguments.Number(1),
                ScriptArguments.Number(4 * 1024 * 1024), ScriptArguments.Number(30_000), ScriptArguments.Number(5),
            ];
            var reply = await CallAsync(RedisScripts.Shipped.Lease, keys.Lease, arguments);
            var count = (reply.Length - 6) / 2;
            left -= count;
            if (most > count)
            {
                room.Release(most - count);
            }

            leased.TryWrite(reply);
        }

        leased.Complete();
    }

    private async Task<RedisResult[]> CallAsync(RedisScript script, string[] scriptKeys, byte[][] arguments)
    {
        var (redisKeys, values) = (Array.ConvertAll(scriptKeys, key => (RedisKey)key), Array.ConvertAll(arguments, argument => (RedisValue)argument));
        return (RedisResult[]?)await database.ScriptEvaluateAsync(script.Text, redisKeys, values) ?? [];
    }
}
