using ReliableQueue.Broker;
using ReliableQueue.BrokerContract;
using ReliableQueue.Storage;
using Xunit;

namespace ReliableQueue.Sqlite.Tests;

/// <summary>A file of its own for each test, and the shorthand the tests share.</summary>
public abstract class SqliteTest : IDisposable
{
    private protected TemporaryFile File { get; } = new();

    protected static QueueName Queue { get; } = QueueName.Parse("emails");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        File.Dispose();
    }

    protected static ContractClient Client(IQueueBroker broker) => new(broker, Queue);

    protected static async Task AssertFaultAsync(BrokerFault fault, Func<Task> call) =>
        Assert.Equal(fault, (await Assert.ThrowsAsync<BrokerException>(call)).Fault);

    /// <summary>A connection that is not the broker's, as another program has. The file must exist.</summary>
    private protected Connection Stranger() => Connection.Open(File.Path);

    /// <summary>Takes the write lock, which the broker lets go of between two groups.</summary>
    private protected static void Hold(Connection stranger)
    {
        while (!stranger.TryBegin())
        {
            Thread.Yield();
        }
    }

    /// <summary>Lets the fake clock run until the call has ended.</summary>
    protected async Task RunClockUntilAsync(Task call)
    {
        while (!call.IsCompleted)
        {
            File.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
