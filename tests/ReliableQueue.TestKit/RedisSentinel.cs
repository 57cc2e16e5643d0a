namespace ReliableQueue.TestKit;

/// <summary>A primary, a replica and a Sentinel that makes the replica the primary when the primary is gone for a second. All are processes of this machine.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    private readonly string service;
    private readonly RedisServer[] servers;

    private RedisSentinel(string service, RedisServer sentinel, RedisServer primary, RedisServer replica)
    {
        this.service = service;
        Sentinel = sentinel;
        Primary = primary;
        Replica = replica;
        servers = [sentinel, primary, replica];
    }

    public RedisServer Sentinel { get; }

    public RedisServer Primary { get; }

    public RedisServer Replica { get; }

    /// <summary>What an application is given: the Sentinel, and the name of what it watches.</summary>
    public string Configuration => $"{Sentinel.Configuration},serviceName={service}";

    /// <summary>Starts the three and waits until the replica follows and the Sentinel knows it.</summary>
    public static async Task<RedisSentinel> StartAsync(string service)
    {
        string[] kept = ["--appendonly", "yes", "--maxmemory-policy", "noeviction", "--repl-diskless-sync-delay", "0"];
        var primary = await RedisServer.StartAsync(kept);
        var replica = await RedisServer.StartAsync([.. kept, "--replicaof", primary.Host, Text(primary.Port)]);
        var watching = new RedisSentinel(service, await RedisServer.StartSentinelAsync(), primary, replica);
        try
        {
            await Replication.BegunAsync(primary);
            await watching.AskAsync("MONITOR", service, primary.Host, Text(primary.Port), "1");
            await watching.AskAsync("SET", service, "down-after-milliseconds", "1000");
            await watching.AskAsync("SET", service, "failover-timeout", "5000");
            await Eventually.TrueAsync(
                async () => (await watching.Sentinel.CommandAsync("SENTINEL", "REPLICAS", service)).Contains(Text(replica.Port), StringComparison.Ordinal),
                "the Sentinel knows the replica",
                TimeSpan.FromSeconds(60));
            return watching;
        }
        catch
        {
            await watching.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the primary when the replica has everything, and waits until the replica is the primary.</summary>
    public async Task FailOverAsync()
    {
        await Replication.CaughtUpAsync(Primary);
        await Primary.KillAsync();
        await Eventually.TrueAsync(
            async () => (await Sentinel.CommandAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)).Contains(Text(Replica.Port), StringComparison.Ordinal)
                && (await Replica.CommandAsync("ROLE")).Contains("master", StringComparison.Ordinal),
            "the replica is the primary",
            TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task AskAsync(params string[] words)
    {
        var answer = await Sentinel.CommandAsync(["SENTINEL", .. words]);
        if (!answer.StartsWith("+OK", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"SENTINEL {words[0]}: {answer}");
        }
    }

    private static string Text(int number) => number.ToString(null, null);
}
