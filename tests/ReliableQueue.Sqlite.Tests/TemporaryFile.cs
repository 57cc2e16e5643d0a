using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A queue file in a directory of its own, removed with it, and brokers on it that share one fake clock.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string directory;
    private readonly ConcurrentQueue<string> lines = [];

    public TemporaryFile()
        : this(Directory.CreateTempSubdirectory("rq-sqlite-").FullName)
    {
    }

    private TemporaryFile(string directory) => (this.directory, Path) = (directory, System.IO.Path.Combine(directory, "data", "queue.db"));

    public string Path { get; }

    public VirtualTime Time { get; } = new();

    /// <summary>What the brokers said.</summary>
    public IReadOnlyCollection<string> Log => lines;

    /// <summary>Where there is a file system in memory, in it: for many files that are soon gone, whose syncing proves nothing.</summary>
    public static TemporaryFile InMemory() => Directory.Exists("/dev/shm")
        ? new TemporaryFile(Directory.CreateDirectory(System.IO.Path.Combine("/dev/shm", "rq-sqlite-" + System.IO.Path.GetRandomFileName())).FullName)
        : new TemporaryFile();

    /// <summary>In a directory of the test's own.</summary>
    public static TemporaryFile On(string directory) => new(Directory.CreateDirectory(directory).FullName);

    /// <param name="boot">Names the run of the machine.</param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="migrations">The versions of the file that the broker knows; those of the library when null.</param>
    public IQueueBroker Open(string boot = "one", Action<SqliteBrokerOptions>? configure = null, Migrations? migrations = null)
    {
        var options = new SqliteBrokerOptions { Path = Path };
        configure?.Invoke(options);
        return new SqliteQueueBroker(
            new QueueFile(options, () => boot, new BrokerEnvironment(Time, SystemRandomSource.Instance), new Logger(lines), migrations ?? Migrations.Shipped));
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private sealed class Logger(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception));
    }
}
