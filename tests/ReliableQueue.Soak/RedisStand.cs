using System.Globalization;
using ReliableQueue.TestKit;

namespace ReliableQueue.Soak;

/// <summary>A Redis of its own, and a bad network of its own for every process.</summary>
internal sealed class RedisStand : Stand
{
    /// <summary>What a reader must know of the kills of Redis.</summary>
    public const string OfKills = "A `kill -9` of the Redis that syncs every second is preceded by `CONFIG SET appendfsync no`: on a busy disk such a Redis keeps what it has answered to itself for up to 2 s, and a kill loses it. That is documented (`docs/guarantees.md`) and not what this run looks for; with `no` it hands everything to the system before it answers.";

    private readonly Dictionary<string, TcpFaultProxy> ways = new(StringComparer.Ordinal);
    private readonly RedisServer redis;
    private readonly string sync;

    private RedisStand(RedisServer redis, string sync) => (this.redis, this.sync) = (redis, sync);

    protected override string StraightAddress => $"redis:{redis.Configuration}";

    public static async Task<RedisStand> WithSyncAsync(string sync, string folder)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, "redis")).FullName;
        return new RedisStand(
            await RedisServer.StartAsync(
                "--dir", data, "--appendonly", "yes", "--appendfsync", sync, "--maxmemory-policy", "noeviction", "--loglevel", "warning", "--auto-aof-rewrite-min-size", "32mb"),
            sync);
    }

    public override async Task<string> VersionAsync() => $"Redis {await InfoAsync("server", "redis_version")}, appendonly yes, appendfsync {sync}";

    public override string AddressOf(string process)
    {
        if (!ways.TryGetValue(process, out var way))
        {
            ways[process] = way = new TcpFaultProxy(redis.Host, redis.Port);
        }

        return $"redis:{way.Configuration}";
    }

    public override IReadOnlyList<Fault> Faults(Member producer) =>
    [
        new("connections reset", 16, async random =>
        {
            OnSome(random, way => way.Reset());
            await Crew.For(random, 0.1, 2);
        }),
        new("network silent both ways, then reset", 7, random => WhileAsync(random, way => way.Blackhole(), way => way.Reset(), 0.5, 5)),
        new("network silent both ways, never healed", 5, random => WhileAsync(random, way => way.Blackhole(), _ => { }, 0.5, 5)),
        new("replies lost, then reset", 7, random => WhileAsync(random, way => way.DropReplies(), way => way.Reset(), 0.3, 4)),
        new("replies lost, never healed", 4, random => WhileAsync(random, way => way.DropReplies(), _ => { }, 0.3, 4)),
        new("requests held and delivered late", 9, random => WhileAsync(random, way => way.HoldRequests(), way => way.Release(), 0.3, 4)),
        new("connections refused", 8, random => WhileAsync(random, Refuse, way => way.IsRefusing = false, 0.5, 3)),
        new("slow network", 8, random => WhileAsync(random, way => way.Lag = Crew.Seconds(random, 0.01, 0.3), way => way.Lag = TimeSpan.Zero, 0.5, 3)),
        new("SCRIPT FLUSH", 10, random => CommandAsync(random, "SCRIPT", "FLUSH")),
        new("CLIENT KILL of every client", 10, random => CommandAsync(random, "CLIENT", "KILL", "TYPE", "normal")),
        new("memory of Redis full", 7, FillAsync),
        new("SIGSTOP of Redis", 6, async random =>
        {
            await redis.PauseAsync();
            await Crew.For(random, 0.3, 3);
            await redis.ResumeAsync();
        }),
        new("kill -9 of Redis and restart", 8, async random =>
        {
            await redis.KillWithNothingHeldBackAsync(sync);
            await Crew.For(random, 0, 1.5);
            await redis.StartAgainAsync();
        }),
        new("SIGTERM of Redis and restart", 3, async _ =>
        {
            await redis.StopAsync();
            await redis.StartAgainAsync();
        }),
    ];

    public override Task HealAsync()
    {
        foreach (var way in ways.Values)
        {
            way.IsRefusing = false;
            way.Lag = TimeSpan.Zero;
            way.Reset();
        }

        return redis.CommandAsync("CONFIG", "SET", "maxmemory", "0");
    }

    public override async Task<StoreState> InspectAsync(long deadLetters, int starts)
    {
        var state = await RedisRemains.InspectAsync(redis, "*", deadLetters, starts);
        var size = new DirectoryInfo((await redis.CommandAsync("CONFIG", "GET", "dir")).Split("\r\n")[^2]).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        var memory = await InfoAsync("memory", "used_memory");
        return state with { Description = string.Create(CultureInfo.InvariantCulture, $"{state.Description}, used_memory {memory} bytes, append-only files {size} bytes") };
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var way in ways.Values)
        {
            await way.DisposeAsync();
        }

        await redis.DisposeAsync();
    }

    private static void Refuse(TcpFaultProxy way)
    {
        way.IsRefusing = true;
        way.Reset();
    }

    /// <summary>All ways or one of them.</summary>
    private List<TcpFaultProxy> Some(Random random) => random.Next(3) == 0 ? [ways.Values.ElementAt(random.Next(ways.Count))] : [.. ways.Values];

    private void OnSome(Random random, Action<TcpFaultProxy> act) => Some(random).ForEach(act);

    private async Task WhileAsync(Random random, Action<TcpFaultProxy> begin, Action<TcpFaultProxy> end, double least, double most)
    {
        var hit = Some(random);
        hit.ForEach(begin);
        await Crew.For(random, least, most);
        hit.ForEach(end);
    }

    private async Task CommandAsync(Random random, params string[] words)
    {
        await redis.CommandAsync(words);
        await Crew.For(random, 0.1, 1.5);
    }

    private async Task FillAsync(Random random)
    {
        await redis.CommandAsync("CONFIG", "SET", "maxmemory", "1mb");
        await Crew.For(random, 0.5, 5);
        await redis.CommandAsync("CONFIG", "SET", "maxmemory", "0");
    }

    private async Task<string> InfoAsync(string section, string field) =>
        (await redis.CommandAsync("INFO", section)).Split("\r\n").First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..];
}
