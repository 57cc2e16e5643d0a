using ReliableQueue.Broker;
using StackExchange.Redis;
using Xunit;

namespace ReliableQueue.Redis.Tests.Scripts;

/// <summary>Another program put a value of its own in the place of one of a queue's keys.</summary>
public sealed class WrongTypeTests(SharedRedis redis)
{
    [Theory]
    [InlineData("enqueue")]
    [InlineData("enqueue delayed")]
    [InlineData("lease")]
    [InlineData("ack")]
    [InlineData("settle")]
    [InlineData("renew")]
    [InlineData("return")]
    [InlineData("statistics")]
    [InlineData("browse")]
    [InlineData("find")]
    [InlineData("redrive")]
    [InlineData("delete")]
    [InlineData("purge")]
    [InlineData("pause")]
    [InlineData("announce")]
    [InlineData("workers")]
    public async Task A_key_of_a_foreign_type_is_refused_by_every_script_wherever_it_meets_it(string script)
    {
        var refused = 0;
        for (var at = 0; at < KeysOf(script, new RedisKeys("any", QueueName.Parse("emails"))).Length; at++)
        {
            var prefix = "w" + Guid.NewGuid().ToString("n")[..12];
            await using var broker = RedisBroker.Open(
                new RedisBrokerOptions { Connection = redis.Database.Multiplexer, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });
            var keys = new RedisKeys(prefix, QueueName.Parse("emails"));
            using var ledger = new Ledger(broker, redis.Database, keys);
            var call = await ScriptCall.PrepareAsync(script, ledger);
            var key = KeysOf(script, keys)[at];
            await redis.Database.KeyDeleteAsync(key);
            await redis.Database.StringSetAsync(key, "mine");

            if (await Record.ExceptionAsync(() => call(broker)) is { } fault)
            {
                Assert.True(fault is BrokerException { Fault: BrokerFault.Refused }, $"{script}, {key}: {fault.Message}");
                refused++;
            }
        }

        Assert.NotEqual(0, refused);
    }

    private static string[] KeysOf(string script, RedisKeys keys) => script switch
    {
        "enqueue" => keys.Enqueue,
        "enqueue delayed" => keys.EnqueueDelayed,
        "lease" => keys.Lease,
        "ack" => keys.Ack,
        "settle" => keys.Settle,
        "renew" => keys.Renew,
        "return" => keys.Return,
        "statistics" => keys.Statistics,
        "browse" => keys.Browse,
        "find" => keys.Find,
        "redrive" => keys.Redrive,
        "delete" => keys.Delete,
        "purge" => keys.Purge,
        "pause" => keys.Pause,
        "announce" => keys.Announce,
        _ => keys.Workers,
    };
}
