using ReliableQueue.TestKit;

namespace ReliableQueue.Comparison;

/// <summary>Two fresh Redis servers for one peer: its broker, and the journal that its handlers write.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private Stage(RedisServer broker, Journal journal) => (Broker, Journal) = (broker, journal);

    public RedisServer Broker { get; }

    public Journal Journal { get; }

    /// <summary>For a worker's files.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("rq-comparison-").FullName;

    public static async Task<Stage> OpenAsync() =>
        new(await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"), await Journal.OpenAsync());

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await Broker.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
