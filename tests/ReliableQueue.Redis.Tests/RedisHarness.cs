using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using StackExchange.Redis;

namespace ReliableQueue.Redis.Tests;

/// <summary>The Redis broker on a shared server, under a prefix of its own. Time passes by moving deadlines and due times back, and everything else that has a time.</summary>
internal sealed class RedisHarness : BrokerHarness
{
    private const string Shift = """
        for i = 2, #KEYS do
          local key = KEYS[i]
          local entries = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
          for j = 1, #entries, 2 do
            redis.call('ZADD', key, string.format('%.0f', entries[j + 1] - ARGV[1]), entries[j])
          end
        end
        local paused = tonumber(redis.call('HGET', KEYS[1], 'paused') or '')
        if paused then
          redis.call('HSET', KEYS[1], 'paused', string.format('%.0f', paused - ARGV[1]))
        end
        """;

    private readonly string prefix = "c" + Guid.NewGuid().ToString("n")[..12];
    private readonly string configuration;
    private readonly IDatabase database;

    public RedisHarness(string configuration, IDatabase database, int modelSequences)
    {
        (this.configuration, this.database) = (configuration, database);
        ModelSequences = modelSequences;
        Broker = OpenAnother();
    }

    public RedisHarness(SharedRedis redis)
        : this(redis.Server.Configuration, redis.Database, modelSequences: 100)
    {
    }

    public override int ModelSequences { get; }

    public override IQueueBroker Broker { get; }

    public override async Task AdvanceAsync(QueueName queue, TimeSpan by)
    {
        var keys = new RedisKeys(prefix, queue);
        string[] timed = [":leases", ":scheduled", ":dead", ":workers"];
        RedisKey[] moved = [keys.All[0], .. timed.Select(name => (RedisKey)keys.All.Single(key => key.EndsWith(name, StringComparison.Ordinal)))];
        await database.ScriptEvaluateAsync(Shift, moved, [(long)by.TotalMilliseconds]);
    }

    public override IQueueBroker OpenAnother() =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });

    public override ValueTask DisposeAsync() => Broker.DisposeAsync();
}
