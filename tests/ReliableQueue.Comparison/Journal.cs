using System.Diagnostics;
using ReliableQueue.TestKit;
using StackExchange.Redis;

namespace ReliableQueue.Comparison;

/// <summary>What handlers did, in the order a server saw it, whatever language they are written in.</summary>
internal sealed class Journal : IAsyncDisposable
{
    /// <summary>Adds a line with the server's time: one clock for every peer.</summary>
    public const string NoteScript = "local t = redis.call('TIME') return redis.call('RPUSH', KEYS[1], ARGV[1] .. ' ' .. t[1] * 1000000 + t[2])";
    public const string Key = "journal";

    private readonly ConnectionMultiplexer redis;

    private Journal(RedisServer server, ConnectionMultiplexer redis) => (Server, this.redis) = (server, redis);

    public RedisServer Server { get; }

    public static async Task<Journal> OpenAsync()
    {
        var server = await RedisServer.StartAsync();
        return new Journal(server, await ConnectionMultiplexer.ConnectAsync(server.Configuration));
    }

    public async Task<IReadOnlyList<Entry>> ReadAsync() => [.. (await redis.GetDatabase().ListRangeAsync(Key)).Select(line => Entry.Parse(line.ToString()))];

    /// <summary>The time of the server's clock, in microseconds.</summary>
    public async Task<long> NowAsync() =>
        (long)(RedisResult)await redis.GetDatabase().ScriptEvaluateAsync("local t = redis.call('TIME') return t[1] * 1000000 + t[2]");

    /// <summary>Waits until the journal says so, and false when nothing was added to it for too long.</summary>
    public async Task<bool> WaitAsync(Func<IReadOnlyList<Entry>, bool> condition, TimeSpan patience)
    {
        var length = 0L;
        var quiet = Stopwatch.StartNew();
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        do
        {
            var now = await redis.GetDatabase().ListLengthAsync(Key);
            if (now != length)
            {
                length = now;
                quiet.Restart();
                if (condition(await ReadAsync()))
                {
                    return true;
                }
            }
        }
        while (quiet.Elapsed < patience && await beat.WaitForNextTickAsync());

        return condition(await ReadAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await redis.CloseAsync();
        redis.Dispose();
        await Server.DisposeAsync();
    }
}
