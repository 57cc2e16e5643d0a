using ReliableQueue;
using ReliableQueue.Broker;
using StackExchange.Redis;

namespace Quickstart;

/// <summary>Where the queue of this run is.</summary>
/// <param name="Place">The file of the embedded broker, or the Redis server.</param>
/// <param name="RedisPrefix">What the keys of this run begin with; null: it is not Redis.</param>
internal sealed record BrokerAddress(string Place, string? RedisPrefix)
{
    public IQueueBroker Open() => RedisPrefix is null
        ? SqliteBroker.Create(new SqliteBrokerOptions { Path = Place })
        : RedisBroker.Open(new RedisBrokerOptions { Configuration = Place, Prefix = RedisPrefix });

    /// <summary>Takes the keys of this run off the server. The embedded broker's file goes with its folder.</summary>
    public async Task RemoveAsync()
    {
        if (RedisPrefix is null)
        {
            return;
        }

        try
        {
            using var connection = await ConnectionMultiplexer.ConnectAsync(Place);
            foreach (var endpoint in connection.GetEndPoints())
            {
                // The queues' own keys, and the list of the names of all queues of the prefix.
                RedisKey[] keys = [.. connection.GetServer(endpoint).Keys(pattern: "{" + RedisPrefix + ":*"), RedisPrefix + ":queues"];
                await connection.GetDatabase().KeyDeleteAsync(keys);
            }
        }
        catch (RedisException exception)
        {
            Console.WriteLine($"The keys of this run stay on the server; they begin with {{{RedisPrefix}. {exception.Message}");
        }
    }

    public override string ToString() => RedisPrefix is null ? "SQLite, one file" : $"Redis at {Place}";
}
