using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using StackExchange.Redis;

namespace ReliableQueue.Redis.Tests;

/// <summary>The Redis broker on a shared server, under a prefix of its own. Time passes by moving deadlines and due times back.</summary>
internal sealed class RedisHarness : BrokerHarness
{
    private const string Shift = """
        for _, key in ipairs(KEYS) do
          local entries = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
          for i = 1, #entries, 2 do
            redis.call('ZADD', key, string.format('%.0f', entries[i + 1] - ARGV[1]), entries[i])
          end
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
        RedisKey[] moved = [.. keys.Lease.Where(key => key.EndsWith(":leases", StringComparison.Ordinal) || key.EndsWith(":scheduled", StringComparison.Ordinal))];
        await database.ScriptEvaluateAsync(Shift, moved, [(long)by.TotalMilliseconds]);
    }

    public override IQueueBroker OpenAnother() =>
        RedisBroker.Open(new RedisBrokerOptions { Configuration = configuration, Prefix = prefix, CallTimeout = TimeSpan.FromSeconds(20) });

    public override ValueTask DisposeAsync() => Broker.DisposeAsync();
}
