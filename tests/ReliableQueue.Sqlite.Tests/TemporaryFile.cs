using ReliableQueue.Broker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A queue file in a directory of its own, removed with it, and brokers on it that share one fake clock.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("rq-sqlite-").FullName;

    public TemporaryFile() => Path = System.IO.Path.Combine(directory, "data", "queue.db");

    public string Path { get; }

    public VirtualTime Time { get; } = new();

    public IQueueBroker Open(string boot = "one", Action<SqliteBrokerOptions>? configure = null)
    {
        var options = new SqliteBrokerOptions { Path = Path };
        configure?.Invoke(options);
        return new SqliteQueueBroker(new QueueFile(options, () => boot, new BrokerEnvironment(Time, SystemRandomSource.Instance)));
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
