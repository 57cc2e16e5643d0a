using System.Globalization;
using System.Reflection;
using ReliableQueue.Broker;
using ReliableQueue.Redis;
using ReliableQueue.TestKit;
using StackExchange.Redis;

namespace ReliableQueue.Benchmarks;

/// <summary>A broker under measurement, and what it lives on.</summary>
internal sealed class Store : IAsyncDisposable
{
    public const string Prefix = "rqbench";

    private readonly DirectoryInfo? folder;
    private readonly RedisServer? server;
    private readonly ConnectionMultiplexer? redis;
    private int file;

    private Store(string description, DirectoryInfo? folder, RedisServer? server, string address, ConnectionMultiplexer? redis)
    {
        (this.folder, this.server, this.redis) = (folder, server, redis);
        (Description, Address, Probe) = (description, address, redis is null ? null : new RedisProbe(redis, Prefix));
    }

    /// <summary>What it is, with its version and its persistence.</summary>
    public string Description { get; }

    /// <summary>Where the Redis is; empty on the embedded broker.</summary>
    public string Address { get; }

    /// <summary>A look at the Redis from outside; null on the embedded broker.</summary>
    public RedisProbe? Probe { get; }

    public IConnectionMultiplexer Redis => redis ?? throw new InvalidOperationException("The embedded broker has no Redis.");

    /// <summary>A Redis: the one named, or one started here.</summary>
    public static async Task<Store> OnRedisAsync(string? configuration)
    {
        var server = configuration is null ? await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "everysec") : null;
        var address = configuration ?? server?.Configuration ?? "";
        var redis = await ConnectionMultiplexer.ConnectAsync(address + ",allowAdmin=true");
        var version = redis.GetServer(redis.GetEndPoints()[0]).Version;
        var client = typeof(ConnectionMultiplexer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        return new Store(
            string.Create(CultureInfo.InvariantCulture, $"Redis {version} ({(server is null ? address : "appendonly yes, appendfsync everysec")}), StackExchange.Redis {client}"), null, server, address, redis);
    }

    /// <summary>The embedded broker, on a file of its own in the temporary folder.</summary>
    public static Store OnSqlite() => new("the embedded broker (SQLite, synchronous=FULL)", Directory.CreateTempSubdirectory("rq-bench-"), null, "", null);

    /// <summary>Opens the broker.</summary>
    public IQueueBroker Open() => folder is null
        ? RedisBroker.Open(new RedisBrokerOptions { Configuration = Address, Prefix = Prefix })
        : SqliteBroker.Create(new SqliteBrokerOptions { Path = Path.Combine(folder.FullName, $"queue-{file}.db") });

    /// <summary>Leaves an empty store for what is measured next.</summary>
    public void Clear()
    {
        Probe?.Clear();
        file++;
    }

    /// <summary>Processor time of the Redis process so far, in microseconds; 0 on the embedded broker, whose time is this process's.</summary>
    public double ProcessorMicroseconds() => Probe?.ProcessorMicroseconds() ?? 0;

    public async ValueTask DisposeAsync()
    {
        Probe?.Clear();
        if (redis is not null)
        {
            await redis.DisposeAsync();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        folder?.Delete(recursive: true);
    }
}
